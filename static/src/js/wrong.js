// What the server found wrong, beside the fields and at the top, as on a page that comes back.
function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

export function clearErrors(form) {
  form.querySelectorAll(".error-summary, .field-error").forEach((one) => one.remove());
  form.querySelectorAll(".field-wrong").forEach((one) => one.classList.remove("field-wrong"));
}

function beside(form, { id, errors }) {
  const control = form.querySelector(`#${id}`);
  const field = control && (control.closest(".field") || control);
  if (!field) return;
  const line = element("p", "field-error", errors.join(" "));
  line.id = `${id}_error`;
  field.classList.add("field-wrong");
  control.setAttribute("aria-describedby", line.id);
  const above = [...field.children].filter((part) => part.matches("legend, .field-label, .field-hint")).pop();
  if (above) above.after(line);
  else field.prepend(line);
  const details = field.closest("details");
  if (details) details.open = true;
}

export function showErrors(form, { general, fields }) {
  clearErrors(form);
  const summary = element("div", "error-summary");
  summary.tabIndex = -1;
  summary.dataset.errorSummary = "";
  summary.setAttribute("role", "alert");
  const list = element("ul", "");
  general.forEach((text) => list.append(element("li", "", text)));
  fields.forEach((field) => {
    beside(form, field);
    field.errors.forEach((text) => {
      const link = element("a", "", `${field.label}: ${text}`);
      link.href = `#${field.id}`;
      const item = element("li", "");
      item.append(link);
      list.append(item);
    });
  });
  summary.append(element("p", "error-summary-title", form.dataset.wrong), list);
  form.prepend(summary);
  summary.focus();
  summary.scrollIntoView({ block: "center" });
}
