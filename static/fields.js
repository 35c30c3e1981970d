// What the fields of a page hold, to be put back when a scan has changed it.

export function isTextField(element) {
  return element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement && /^(text|search|tel|url|password)$/.test(element.type);
}

// remember keeps what each field holds, which choices are made, and where the focus is.
export function remember() {
  const focus = document.activeElement ?? document.body;
  const typed = isTextField(focus);
  const fields = [...document.querySelectorAll("input:not([type=file]), textarea, select")]
    .map(field => ({ field, value: field.value, checked: field.checked, index: field.selectedIndex }));
  return { focus, fields, start: typed ? focus.selectionStart : null, end: typed ? focus.selectionEnd : null };
}

// restore puts back what has changed since. Parts that were replaced meanwhile stay.
export function restore({ focus, fields, start, end }) {
  for (const { field, value, checked, index } of fields) {
    if (field.checked !== checked) field.checked = checked;
    if (field instanceof HTMLSelectElement) {
      if (field.selectedIndex !== index) field.selectedIndex = index;
    } else if (field.value !== value) {
      field.value = value;
    }
  }
  if (document.activeElement !== focus) {
    if (focus === document.body) document.activeElement.blur();
    else focus.focus({ preventScroll: true });
  }
  if (start !== null) focus.setSelectionRange(start, end);
}
