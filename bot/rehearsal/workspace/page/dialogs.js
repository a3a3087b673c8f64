// Small surfaces above the page: confirmations, menus, the file viewer and passing notes.

import { h } from './dom.js';
import { textOf } from './mrkdwn.js';

const TEXT = /\.(txt|md|markdown|json|jsonl|ndjson|log|ya?ml|csv|diff|patch|html?|sh|py|toml|ini|conf)$/i;
const MOST = 400_000;

/** Asks before a button acts; answers true when the person agrees. */
export function confirm({ title, text, confirm: yes, deny: no, style }) {
  return new Promise((resolve) => {
    const answer = (value) => () => {
      dialog.close();
      resolve(value);
    };
    const dialog = h(
      'dialog.dialog.dialog-small',
      { 'aria-labelledby': 'confirm-title' },
      h('h2', { id: 'confirm-title' }, textOf(title)),
      h('div.dialog-body.prose', null, textOf(text)),
      h(
        'footer',
        null,
        h('button.button', { type: 'button', onclick: answer(false) }, no ? textOf(no) : 'Cancel'),
        h(
          `button.button.${style === 'danger' ? 'danger' : 'primary'}`,
          { type: 'button', autofocus: true, onclick: answer(true) },
          yes ? textOf(yes) : 'Yes',
        ),
      ),
    );
    show(dialog, () => resolve(false));
  });
}

function show(dialog, onGone) {
  const before = document.activeElement;
  dialog.addEventListener('close', () => {
    dialog.remove();
    onGone?.();
    if (before?.isConnected) before.focus();
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** A menu below `anchor`: items are [label, act]; arrows move, Escape closes. */
export function menu(anchor, items) {
  const list = h(
    'div.menu',
    { popover: 'auto', role: 'menu' },
    items.map(([label, act]) =>
      h(
        'button',
        {
          type: 'button',
          role: 'menuitem',
          onclick: () => {
            list.hidePopover();
            act();
          },
        },
        label,
      ),
    ),
  );
  list.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...list.children];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  };
  list.addEventListener('toggle', (event) => {
    if (event.newState === 'closed') list.remove();
  });
  document.body.append(list);
  list.showPopover();
  const box = anchor.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, innerWidth - list.offsetWidth - 8));
  const below = box.bottom + 4 + list.offsetHeight < innerHeight;
  list.style.left = `${left}px`;
  list.style.top = `${below ? box.bottom + 4 : box.top - list.offsetHeight - 4}px`;
  list.firstElementChild?.focus();
}

export const fileUrl = (file) => `/files/${encodeURIComponent(file.id)}/${encodeURIComponent(file.name)}`;

/** Opens a text file in the page; anything else is handed to the browser as a download. */
export async function viewFile(file) {
  if (!TEXT.test(file.name)) return void download(file).click();
  const body = h('pre.viewer-text', { tabindex: '0' }, 'Loading…');
  const dialog = h(
    'dialog.dialog.dialog-wide',
    { 'aria-labelledby': 'viewer-title' },
    h(
      'header',
      null,
      h('h2', { id: 'viewer-title' }, file.title || file.name),
      download(file),
      h('button.button.quiet', { type: 'button', autofocus: true, onclick: () => dialog.close() }, 'Close'),
    ),
    body,
  );
  show(dialog);
  body.textContent = await content(file);
}

const download = (file) => h('a.button', { href: fileUrl(file), download: file.name }, 'Download');

async function content(file) {
  try {
    const answer = await fetch(fileUrl(file));
    if (!answer.ok) return `The workspace does not have this file any more (${answer.status}).`;
    const text = await answer.text();
    const shown = /\.json$/i.test(file.name) ? indented(text) : text;
    return shown.length > MOST ? `${shown.slice(0, MOST)}\n… (download to see the rest)` : shown;
  } catch {
    return 'The workspace did not answer. Is it still running?';
  }
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Says one sentence for a few seconds. */
export function toast(sentence) {
  const note = h(
    'div.toast',
    null,
    h('span', null, sentence),
    h('button.quiet', { type: 'button', 'aria-label': 'Dismiss', onclick: () => note.remove() }, '×'),
  );
  document.getElementById('toasts').append(note);
  setTimeout(() => note.remove(), 8000);
}
