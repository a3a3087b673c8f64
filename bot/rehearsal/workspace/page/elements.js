// Interactive elements of blocks: buttons, selects, menus, choices and inputs, each telling the server what was done.

import { confirm, menu, toast } from './dialogs.js';
import { h } from './dom.js';
import { emoji } from './emoji.js';
import { textOf } from './mrkdwn.js';
import { act } from './net.js';
import { search } from './search.js';
import { nameOf, people, repliesOf, store } from './store.js';

const plain = (value) => (typeof value === 'string' ? value : value?.text || '');

/** One element. `place` says where it stands ({channel, ts} or {view_id}); `block` is its block's id. */
export function element(item, block, place, input = false) {
  const build = BUILDERS[item.type];
  if (build) return build(item, { block, place, input });
  if (TEXTS[item.type]) return textInput(item, { block, place, input });
  return h('span.unknown', null, `Element “${item.type}” is not shown here.`);
}

async function click(item, where, value, target) {
  if (item.confirm && !(await confirm(item.confirm))) return false;
  target?.setAttribute('aria-busy', 'true');
  const values =
    where.place.view_id && target?.closest('form') ? { values: readValues(target.closest('form')) } : {};
  const replies = where.place.ts ? repliesOf(where.place.channel, where.place.ts).length : 0;
  const answer = await act('click', {
    ...where.place,
    action_id: item.action_id,
    block_id: where.block,
    value,
    ...values,
  });
  target?.removeAttribute('aria-busy');
  if (!answer.ok) toast(answer.error || 'That did not work.');
  else document.dispatchEvent(new CustomEvent('clicked', { detail: { ...where.place, replies } }));
  return answer.ok;
}

function once(item, where, value) {
  return (event) => {
    const target = event.currentTarget;
    if (target.getAttribute('aria-busy') !== 'true') click(item, where, value, target);
  };
}

function button(item, where) {
  const style = item.style === 'primary' || item.style === 'danger' ? `.${item.style}` : '';
  const label = textOf(item.text);
  const props = { 'aria-label': item.accessibility_label, 'data-action': item.action_id };
  if (item.url && /^https?:\/\//i.test(item.url)) {
    const told = () => {
      if (item.action_id)
        act('click', { ...where.place, action_id: item.action_id, block_id: where.block, value: item.value });
    };
    return h(
      `a.button${style}`,
      { ...props, href: item.url, target: '_blank', rel: 'noopener noreferrer', onclick: told },
      label,
      ' ↗',
    );
  }
  return h(
    `button.button${style}`,
    { ...props, type: 'button', onclick: once(item, where, item.value) },
    label,
  );
}

const optionNode = (option, chosen) =>
  h('option', { value: option.value, selected: chosen.includes(option.value) }, plain(option.text));

function select(item, where, { choices, groups, chosen = [], multiple = false }) {
  const onchange = (event) => {
    const target = event.currentTarget;
    if (where.input && !where.dispatch) return;
    click(
      item,
      where,
      multiple ? [...target.selectedOptions].map((o) => o.value) : target.value,
      target,
    ).then((done) => {
      if (!done && !multiple) target.value = chosen[0] || '';
    });
  };
  return h(
    'select.field',
    { ...fieldProps(item, where, multiple ? 'many' : 'one'), multiple, onchange },
    !multiple &&
      h(
        'option',
        { value: '', disabled: !where.input, selected: !chosen.length },
        plain(item.placeholder) || 'Choose…',
      ),
    groups
      ? groups.map((group) =>
          h(
            'optgroup',
            { label: plain(group.label) },
            group.options.map((o) => optionNode(o, chosen)),
          ),
        )
      : choices.map((o) => optionNode(o, chosen)),
  );
}

function fieldProps(item, where, kind) {
  return {
    'data-block': where.block,
    'data-action': item.action_id,
    'data-kind': kind,
    'aria-label': plain(item.placeholder) || item.action_id,
    key: `${where.block}.${item.action_id}`,
    autofocus: item.focus_on_load,
  };
}

const values = (options) => (options || []).map((option) => option.value);
const userChoices = () => people().map((user) => ({ value: user.id, text: nameOf(user) }));
const channelChoices = () =>
  store.state.channels.map((channel) => ({ value: channel.id, text: `#${channel.name}` }));
const one = (value) => (value ? [value] : []);

function overflow(item, where) {
  const open = (event) => {
    const anchor = event.currentTarget;
    menu(
      anchor,
      item.options.map((option) => [
        textOf(option.text),
        () => {
          if (option.url && /^https?:\/\//i.test(option.url)) window.open(option.url, '_blank', 'noopener');
          click(item, where, option.value, anchor);
        },
      ]),
    );
  };
  return h(
    'button.button.overflow',
    { type: 'button', 'aria-label': 'More actions', 'aria-haspopup': 'menu', onclick: open },
    '⋯',
  );
}

function choices(kind) {
  return (item, where) => {
    const chosen =
      kind === 'radio' ? values([item.initial_option].filter(Boolean)) : values(item.initial_options);
    const name = `${where.place.view_id || where.place.ts}.${where.block}.${item.action_id}`;
    const changed = (event) => {
      if (where.input) return;
      const group = event.currentTarget.closest('.choices');
      click(item, where, kind === 'radio' ? event.currentTarget.value : checked(group), group);
    };
    return h(
      'div.choices',
      {
        role: kind === 'radio' ? 'radiogroup' : 'group',
        'data-block': where.block,
        'data-action': item.action_id,
        'data-kind': kind,
      },
      item.options.map((option) =>
        h(
          'label.choice',
          null,
          h('input', {
            type: kind,
            name,
            value: option.value,
            checked: chosen.includes(option.value),
            onchange: changed,
          }),
          h(
            'span',
            null,
            textOf(option.text),
            option.description && h('small', null, textOf(option.description)),
          ),
        ),
      ),
    );
  };
}

const checked = (group) => [...group.querySelectorAll('input:checked')].map((box) => box.value);

const TEXTS = {
  plain_text_input: 'text',
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'number',
  datepicker: 'date',
  timepicker: 'time',
  datetimepicker: 'datetime-local',
  rich_text_input: 'text',
};

function initialText(item) {
  if (item.type === 'datetimepicker' && item.initial_date_time) {
    const when = new Date(item.initial_date_time * 1000);
    return new Date(when - when.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  }
  return item.initial_value ?? item.initial_date ?? item.initial_time ?? '';
}

function textInput(item, where) {
  const limits = { maxlength: item.max_length, placeholder: plain(item.placeholder) };
  const props = { ...fieldProps(item, where, item.type === 'datetimepicker' ? 'moment' : 'text'), ...limits };
  if (item.multiline || item.type === 'rich_text_input')
    return h('textarea.field', { ...props, rows: 4 }, initialText(item));
  const onchange = where.input
    ? null
    : (event) => click(item, where, event.currentTarget.value, event.currentTarget);
  return h('input.field', {
    ...props,
    type: TEXTS[item.type],
    value: initialText(item),
    min: item.min_value,
    max: item.max_value,
    step: item.is_decimal_allowed ? 'any' : undefined,
    onchange,
  });
}

function feedback(item, where) {
  return h(
    'span.button-row',
    null,
    [item.positive_button, item.negative_button]
      .filter(Boolean)
      .map((part) =>
        h(
          'button.button.small',
          { type: 'button', onclick: once(item, where, part.value) },
          textOf(part.text),
        ),
      ),
  );
}

const ICONS = { trash: 'x', refresh: 'arrows_counterclockwise' };

const BUILDERS = {
  button,
  workflow_button: button,
  overflow,
  feedback_buttons: feedback,
  icon_button: (item, where) =>
    h(
      'button.button.small',
      { type: 'button', title: plain(item.text), onclick: once(item, where, item.value) },
      emoji(ICONS[item.icon]) || '',
      ' ',
      textOf(item.text),
    ),
  static_select: (item, where) =>
    select(item, where, {
      choices: item.options,
      groups: item.option_groups,
      chosen: values([item.initial_option].filter(Boolean)),
    }),
  multi_static_select: (item, where) =>
    select(item, where, {
      choices: item.options,
      groups: item.option_groups,
      chosen: values(item.initial_options),
      multiple: true,
    }),
  users_select: (item, where) =>
    select(item, where, { choices: userChoices(), chosen: one(item.initial_user) }),
  multi_users_select: (item, where) =>
    select(item, where, { choices: userChoices(), chosen: item.initial_users, multiple: true }),
  channels_select: (item, where) =>
    select(item, where, { choices: channelChoices(), chosen: one(item.initial_channel) }),
  conversations_select: (item, where) =>
    select(item, where, { choices: channelChoices(), chosen: one(item.initial_conversation) }),
  external_select: (item, where) =>
    search(item, where, fieldProps(item, where, 'option'), (option, input) => {
      if (!where.input) click(item, where, option, input);
    }),
  radio_buttons: choices('radio'),
  checkboxes: choices('checkbox'),
};

const READERS = {
  text: (node) => node.value || null,
  moment: (node) => (node.value ? Math.floor(new Date(node.value) / 1000) : null),
  one: (node) => node.value || null,
  option: (node) => (node.dataset.option ? JSON.parse(node.dataset.option) : null),
  many: (node) => [...node.selectedOptions].map((option) => option.value),
  radio: (node) => checked(node)[0] ?? null,
  checkbox: checked,
};

/** What stands in a form's fields: {block_id: {action_id: value}}. */
export function readValues(form) {
  const all = {};
  for (const node of form.querySelectorAll('[data-kind]')) {
    const { block, action, kind } = node.dataset;
    (all[block] ||= {})[action] = READERS[kind](node);
  }
  return all;
}
