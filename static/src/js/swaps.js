// When htmx fetches part of a page: what to do if the answer is another page, or none.
const words = document.body.dataset;

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (token && detail.verb !== "get") detail.headers["X-CSRFToken"] = token;
});

// Signed out meanwhile, or not allowed: show that page whole rather than a hole where the list was
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const asked = new URL(requestConfig.path, location.href).pathname;
  const answered = xhr.responseURL ? new URL(xhr.responseURL).pathname : asked;
  if (answered === asked && xhr.status < 400) return;
  event.detail.shouldSwap = false;
  location.assign(answered === asked ? event.detail.pathInfo.finalRequestPath : xhr.responseURL);
});

document.addEventListener("htmx:sendError", () => {
  document.querySelector("[data-no-answer]")?.remove();
  const line = Object.assign(document.createElement("p"), { className: "message message-error", textContent: words.failed });
  line.dataset.noAnswer = "";
  line.setAttribute("role", "alert");
  document.querySelector("main").prepend(line);
});
