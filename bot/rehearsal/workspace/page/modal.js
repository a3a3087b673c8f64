// The modal view of the current person, as a dialog that keeps what was typed while the view changes.

import { blocks } from './blocks.js';
import { closing, h, render } from './dom.js';
import { readValues } from './elements.js';
import { textOf } from './mrkdwn.js';
import { act } from './net.js';

let dialog = null;
let shown = null;
let errors = {};
let refusal = '';
let before = null;

const looks = (view) => JSON.stringify([view.title, view.blocks, view.submit]);

/** Brings the dialog in line with the view of the state; null closes it. */
export function showModal(view) {
  if (!view) {
    if (dialog) {
      dialog.close();
      dialog.remove();
      dialog = shown = null;
      if (before?.isConnected) before.focus();
    }
    return;
  }
  if (dialog && shown.id !== view.id) showModal(null);
  if (!dialog) {
    before = document.activeElement;
    dialog = h(
      'dialog.dialog',
      { 'aria-labelledby': 'modal-title' },
      h('form', { method: 'dialog', novalidate: true, autocomplete: 'off' }),
    );
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      close();
    });
    errors = {};
    refusal = '';
  } else if (looks(shown) !== looks(view)) {
    errors = {};
    refusal = '';
  }
  shown = view;
  draw();
  if (!dialog.open) {
    document.body.append(dialog);
    dialog.showModal();
    (
      dialog.querySelector('[autofocus]') ||
      dialog.querySelector('.modal-body input, .modal-body textarea, .modal-body select')
    )?.focus();
  }
}

function draw() {
  const form = dialog.firstElementChild;
  const place = { view_id: shown.id };
  form.onsubmit = (event) => {
    event.preventDefault();
    submit();
  };
  const asks = shown.submit || (shown.blocks || []).some((one) => one.type === 'input');
  render(
    form,
    h('header', null, h('h2', { id: 'modal-title' }, textOf(shown.title)), closing('Close', close)),
    h('div.dialog-body.modal-body', { key: shown.id }, blocks(shown.blocks, place, errors)),
    refusal && h('div.error', { role: 'alert', key: 'refusal' }, refusal),
    h(
      'footer',
      { key: 'footer' },
      h(
        'button.button',
        { type: 'button', onclick: close },
        shown.close ? textOf(shown.close) : asks ? 'Cancel' : 'Close',
      ),
      asks && h('button.button.primary', { type: 'submit' }, shown.submit ? textOf(shown.submit) : 'Submit'),
    ),
  );
}

async function submit() {
  const view = shown;
  const form = dialog.firstElementChild;
  if (form.getAttribute('aria-busy') === 'true') return;
  form.setAttribute('aria-busy', 'true');
  const answer = await act('submit', { view_id: view.id, values: readValues(form) });
  form.removeAttribute('aria-busy');
  if (answer.ok || shown?.id !== view.id) return;
  errors = answer.errors || {};
  refusal = answer.errors ? '' : answer.error || 'This could not be submitted.';
  draw();
  dialog.querySelector('[aria-invalid="true"]')?.focus();
}

async function close() {
  const id = shown?.id;
  if (!id) return;
  const answer = await act('close', { view_id: id });
  if (shown?.id === id && (answer.ok || !answer.error?.includes('answer'))) showModal(null);
}
