// Builds DOM nodes and patches a living tree into a new one. Text only ever becomes text nodes.

const HANDLERS = ['onclick', 'onchange', 'oninput', 'onkeydown', 'onmousedown', 'onsubmit', 'onblur'];

/** An element: h('p.note', {title: 'x'}, 'text', child). `style` takes custom properties by name. */
export function h(tag, props, ...kids) {
  const [name, ...classes] = tag.split('.');
  const node = document.createElement(name || 'div');
  if (classes.length) node.className = classes.join(' ');
  for (const [key, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) node[key] = value;
    else if (key === 'key') node.dataset.key = value;
    else if (key === 'style') for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else node.setAttribute(key, value === true ? '' : value);
  }
  append(node, kids);
  return node;
}

function append(node, kids) {
  for (const kid of kids.flat(Infinity)) {
    if (kid === undefined || kid === null || kid === false || kid === '') continue;
    node.append(kid);
  }
}

/** An icon from a list of [colour, path, stroke width]; no width means filled. */
export function icon(paths, props = {}) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('class', props.class || 'icon');
  if (props.label) {
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', props.label);
  } else {
    svg.setAttribute('aria-hidden', 'true');
  }
  for (const [colour, d, width] of paths) {
    const path = document.createElementNS(ns, 'path');
    path.setAttribute('d', d);
    path.setAttribute('fill', width ? 'none' : colour);
    if (width) {
      path.setAttribute('stroke', colour);
      path.setAttribute('stroke-width', width);
      path.setAttribute('stroke-linecap', 'round');
      path.setAttribute('stroke-linejoin', 'round');
    }
    svg.append(path);
  }
  return svg;
}

/** The button that closes what is around it. */
export const closing = (label, onclick) =>
  h(
    'button.button.quiet.closing',
    { type: 'button', 'aria-label': label, title: `${label} (Esc)`, onclick },
    icon([['currentColor', 'M5 5l10 10M15 5L5 15', 1.8]]),
  );

/** Stands for a keyed child that did not change: the living node stays as it is. */
export const unchanged = (tag, key) => h(tag, { key, 'data-same': true });

/** Makes `from` look like `to`, keeping nodes alive so that focus, typed text and scroll survive. */
export function morph(from, to) {
  if (from.nodeName !== to.nodeName) return void from.replaceWith(to);
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  if (to.hasAttribute('data-same')) return;
  morphAttributes(from, to);
  for (const name of HANDLERS) if (from[name] !== to[name]) from[name] = to[name];
  morphChildren(from, to);
}

function morphAttributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (name !== 'style' && !to.hasAttribute(name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (name !== 'style' && from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  if (from.style && from.style.cssText !== to.style.cssText) from.style.cssText = to.style.cssText;
}

/** Patches only the children, matching those that carry a key by their key. */
export function morphChildren(from, to) {
  const wanted = new Set([...to.children].map((node) => node.dataset.key).filter(Boolean));
  const keyed = new Map();
  for (const node of [...from.children]) {
    const key = node.dataset.key;
    if (key && wanted.has(key)) keyed.set(key, node);
    else if (key) node.remove();
  }
  let cursor = from.firstChild;
  for (const next of [...to.childNodes]) {
    const key = next.dataset?.key;
    const alike = cursor && !cursor.dataset?.key && cursor.nodeName === next.nodeName;
    const match = key ? keyed.get(key) : alike && cursor;
    if (!match) {
      from.insertBefore(next, cursor);
      continue;
    }
    if (match === cursor) cursor = cursor.nextSibling;
    else from.insertBefore(match, cursor);
    morph(match, next);
  }
  while (cursor) {
    const gone = cursor;
    cursor = cursor.nextSibling;
    gone.remove();
  }
}

/** Replaces the children of `parent` by patching: render(el, child, child…). */
export function render(parent, ...kids) {
  const next = parent.cloneNode(false);
  append(next, kids);
  morphChildren(parent, next);
}
