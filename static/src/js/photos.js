// Photos before they are sent: seen, taken back, and made small enough for a bad line.
const LONGEST = 2048; // px; enough to read a door plate, a tenth of what a phone's camera gives
const LIGHT = 1_200_000; // bytes under which a photo goes as it is

async function smaller(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    if (scale === 1 && (file.kept || file.size <= LIGHT)) return { file, picture };
    const canvas = Object.assign(document.createElement("canvas"), {
      width: Math.round(picture.width * scale),
      height: Math.round(picture.height * scale),
    });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
    if (!blob || blob.size >= file.size) return { file, picture };
    const name = file.name.replace(/\.\w+$/, "") + ".jpg";
    return { file: new File([blob], name, { type: "image/jpeg", lastModified: file.lastModified }), picture };
  } catch {
    return { file, picture: null }; // a kind of photo this browser cannot draw: the server can
  }
}

function preview(shot, number, box) {
  const item = document.createElement("li");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 320;
  item.append(canvas);
  if (shot.picture) {
    const { width, height } = shot.picture;
    const side = Math.min(width, height);
    canvas.getContext("2d").drawImage(shot.picture, (width - side) / 2, (height - side) / 2, side, side, 0, 0, 320, 320);
  } else {
    item.append(Object.assign(document.createElement("span"), { className: "photo-name", textContent: shot.file.name }));
  }
  const remove = Object.assign(document.createElement("button"), { type: "button", className: "photo-remove", textContent: "×" });
  remove.setAttribute("aria-label", box.words.remove.replace("{n}", number));
  remove.addEventListener("click", () => box.drop(shot));
  item.append(remove);
  return item;
}

class PhotoBox {
  constructor(root) {
    this.root = root;
    this.shots = [];
    [this.camera, this.album] = root.querySelectorAll("input[type=file]");
    this.list = root.querySelector("[data-photo-previews]");
    this.count = root.querySelector("[data-photo-count]");
    this.words = this.count.dataset;
    root.addEventListener("photos:restore", ({ detail }) => { this.shots = []; this.add(detail); });
    root.addEventListener("change", ({ target }) => { if (target.type === "file") this.add([...target.files], target); });
    const chosen = [this.camera, this.album].flatMap((input) => [...input.files]); // faster than this script
    if (chosen.length) this.add(chosen, this.camera);
  }

  get most() { // photos kept from a form that came back take their places
    return Number(this.root.dataset.photos) - this.root.querySelectorAll("[data-photo-kept]:checked").length;
  }

  async add(files, input) {
    if (input === this.camera) this.camera.value = ""; // the album's input carries them all
    const added = files.slice(0, Math.max(0, this.most - this.shots.length)).map((file) => ({ file, picture: null }));
    const over = files.length > added.length;
    this.shots.push(...added);
    this.carry(); // already sendable while the small ones are being made
    await Promise.all(added.map(async (shot) => Object.assign(shot, await smaller(shot.file))));
    this.carry();
    this.show(over);
    if (added.length) this.root.dispatchEvent(new CustomEvent("photos:added", { bubbles: true }));
  }

  drop(shot) {
    const index = this.shots.indexOf(shot);
    this.shots.splice(index, 1);
    this.carry();
    this.show();
    const left = this.list.querySelectorAll("button");
    (left[Math.min(index, left.length - 1)] || this.camera).focus();
  }

  carry() {
    const files = new DataTransfer();
    this.shots.forEach(({ file }) => files.items.add(file));
    this.album.files = files.files;
  }

  show(over = false) {
    this.list.replaceChildren(...this.shots.map((shot, index) => preview(shot, index + 1, this)));
    this.list.hidden = this.shots.length === 0;
    this.root.classList.toggle("has-photos", this.shots.length > 0);
    const said = this.shots.length ? this.words.words.replace("{n}", this.shots.length) : "";
    this.count.textContent = over ? `${said} ${this.words.full}` : said;
  }
}

let able = true;
try { new DataTransfer(); } catch { able = false; } // without it each input sends what it holds
if (able) document.querySelectorAll("[data-photos]:not([data-able])").forEach((root) => {
  root.dataset.able = "";
  new PhotoBox(root);
});
