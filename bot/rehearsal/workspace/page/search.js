// A list that is searched while somebody types: what the bot offers, chosen by mouse or keys.

import { h, render } from './dom.js';
import { textOf } from './mrkdwn.js';
import { act } from './net.js';

const chosen = new Map();
let open = null;

const nameOf = (option) => option?.text?.text || '';

/** The field; `pick` is told of the option that was chosen. */
export function search(item, where, props, pick) {
  const place = { view_id: where.place.view_id, action_id: item.action_id };
  const key = `${place.view_id}.${where.block}.${item.action_id}`;
  if (!chosen.has(key) && item.initial_option) chosen.set(key, item.initial_option);
  const option = chosen.get(key);
  const take = (input, one) => {
    chosen.set(key, one);
    input.value = nameOf(one);
    input.dataset.option = JSON.stringify(one);
    hide();
    pick(one, input);
  };
  const typed = (event) => {
    const input = event.currentTarget;
    if (nameOf(chosen.get(key)) !== input.value) {
      chosen.delete(key);
      delete input.dataset.option;
    }
    show(input, place, take);
  };
  return h('input.field.search', {
    ...props,
    type: 'text',
    role: 'combobox',
    'aria-expanded': String(open?.input.dataset.key === props.key),
    'aria-autocomplete': 'list',
    value: nameOf(option),
    'data-option': option && JSON.stringify(option),
    onclick: (event) => show(event.currentTarget, place, take, ''),
    oninput: typed,
    onkeydown: keys,
    onblur: () => setTimeout(hide, 200),
  });
}

async function show(input, place, take, typed = input.value) {
  if (!open || open.input !== input) {
    hide();
    const list = h('div.search-list', { popover: 'manual', role: 'listbox', 'aria-label': 'Found' });
    (input.closest('dialog') || document.body).append(list);
    open = { input, list, asked: 0, at: -1, options: [], take };
  }
  const mine = open;
  const number = ++mine.asked;
  const answer = await act('suggest', { ...place, typed });
  if (open !== mine || number !== mine.asked) return;
  mine.options = answer.ok ? answer.options : [];
  mine.at = -1;
  draw(answer.ok ? 'Nothing is found.' : answer.error);
  const under = input.getBoundingClientRect();
  Object.assign(mine.list.style, {
    left: `${under.left}px`,
    top: `${under.bottom + 2}px`,
    width: `${under.width}px`,
  });
  if (!mine.list.matches(':popover-open')) mine.list.showPopover();
  input.setAttribute('aria-expanded', 'true');
}

function draw(nothing) {
  const rows = open.options.map((option, at) =>
    h(
      'div.found',
      {
        role: 'option',
        'aria-selected': String(at === open.at),
        onmousedown: (event) => event.preventDefault(),
        onclick: () => open.take(open.input, option),
      },
      textOf(option.text),
      option.description && h('small', null, textOf(option.description)),
    ),
  );
  render(open.list, rows.length ? rows : h('div.found.none', null, nothing));
  open.list.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
}

function keys(event) {
  if (!open || open.input !== event.currentTarget) return;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps && open.options.length) {
    open.at = (open.at + steps[event.key] + open.options.length) % open.options.length;
    draw();
  } else if (event.key === 'Enter' && open.options.length) {
    open.take(open.input, open.options[Math.max(open.at, 0)]);
  } else if (event.key === 'Escape') {
    hide();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function hide() {
  if (!open) return;
  open.input.setAttribute('aria-expanded', 'false');
  open.list.remove();
  open = null;
}
