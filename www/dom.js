// @ts-check
// Elements without a framework. Text is always set as text, never as markup.

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
 * Writes only what differs, so that nothing flickers and no screen reader is told of what did not change.
 * @param {Element} element @param {Attributes} attributes null, undefined and false take one away
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
 * Takes the children as they are given; what stays in its place is not touched, so that it keeps its focus.
 * @param {Element} parent @param {readonly Child[]} children
 */
export function setChildren(parent, children) {
  const wanted = children.filter(isChild);
  // What goes away goes first: an element that would have to move up for it would lose its focus.
  for (const child of [...parent.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, index) => {
    const there = parent.childNodes[index];
    if (there === child) return;
    if (typeof child === "string" && there instanceof Text) setText(there, child);
    else if (typeof child === "string") parent.insertBefore(new Text(child), there ?? null);
    else parent.insertBefore(child, there ?? null);
  });
  while (parent.childNodes.length > wanted.length) parent.lastChild?.remove();
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

/** @param {Element} element whether the focus is on it or in it */
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
