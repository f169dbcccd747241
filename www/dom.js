// @ts-check
// Creates and updates elements without a framework. Text is always set as text, never as markup.

/** @typedef {Node | string | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined>} Attributes */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Attributes} [attributes] @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children.filter(isChild));
  return element;
}

/**
 * Writes only attributes that differ, so nothing flickers and screen readers announce nothing that did not change.
 * @param {Element} element @param {Attributes} attributes null, undefined and false remove one
 */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else if (element.getAttribute(name) !== text(value)) element.setAttribute(name, text(value));
  }
}

/** @param {Node} node @param {string} value */
export function setText(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

/**
 * Replaces the children. A child that stays in its place is not touched, so it keeps its focus.
 * @param {Element} parent @param {readonly Child[]} children
 */
export function setChildren(parent, children) {
  const next = children.filter(isChild);
  // Remove first: an element that has to move loses its focus.
  for (const child of [...parent.children]) if (!next.includes(child)) child.remove();
  next.forEach((child, index) => {
    const current = parent.childNodes[index];
    if (current === child) return;
    if (typeof child === "string" && current instanceof Text) setText(current, child);
    else if (typeof child === "string") parent.insertBefore(new Text(child), current ?? null);
    else parent.insertBefore(child, current ?? null);
  });
  while (parent.childNodes.length > next.length) parent.lastChild?.remove();
}

/**
 * @template {Element} [Type=HTMLElement]
 * @param {string} id @returns {Type}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}`);
  return /** @type {any} */ (found);
}

/** Whether the element or one of its descendants has the focus. @param {Element} element */
export function hasFocus(element) {
  return element.contains(document.activeElement);
}

/** @param {string | number | boolean} value */
function text(value) {
  return value === true ? "" : String(value);
}

/** @param {Child} child @returns {child is Node | string} */
function isChild(child) {
  return child !== null && child !== undefined && child !== false;
}
