// Where nothing is kept there is nothing to show, to send or to delete: the rest is fetched only where something is.
const box = document.querySelector("[data-waiting]");
let isKept = true;
try { isKept = Boolean(localStorage.getItem("kept")); } catch { /* not to be told: look */ }
if (box && isKept) document.head.append(Object.assign(document.createElement("script"), { src: box.dataset.script }));
