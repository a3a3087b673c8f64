// Block Kit blocks as DOM nodes.

import { h, icon } from './dom.js';
import { element } from './elements.js';
import { link, textOf } from './mrkdwn.js';
import { markdown, richText } from './richtext.js';
import { isOpen, store } from './store.js';

/** Blocks as nodes. `place` is {channel, ts} or {view_id}; `errors` holds a sentence per block id. */
export const blocks = (list, place, errors = {}) =>
  (list || []).map((item, at) =>
    block(item, { place, errors, block: item.block_id, id: item.block_id || `block-${at}` }),
  );

function block(item, where) {
  const build = BUILDERS[item.type];
  const node = build ? build(item, where) : unknown(item);
  node.classList.add('block', `block-${item.type}`);
  node.dataset.key = `${where.id}:${item.type}`;
  return node;
}

const unknown = (item) => h('div.unknown', null, `Block type “${item.type}” is not shown here.`);
const part = (item, where) => element(item, where.block, where.place);
const foldKey = (where, rest) => `${where.place.view_id || where.place.ts}/${where.id}/${rest}`;

function section(item, where) {
  return h(
    'div',
    null,
    h(
      'div.section-main',
      null,
      item.text && h('div.prose', null, textOf(item.text)),
      item.fields &&
        h(
          'div.fields',
          null,
          item.fields.map((field) => h('div.prose', null, textOf(field))),
        ),
    ),
    item.accessory &&
      h(
        'div.accessory',
        null,
        item.accessory.type === 'image' ? image(item.accessory) : part(item.accessory, where),
      ),
  );
}

function ownAddress(url) {
  try {
    const address = new URL(url, location.href);
    return address.origin === location.origin && address.pathname.startsWith('/files/') ? address.href : null;
  } catch {
    return null;
  }
}

/** An image of this workspace; pictures from elsewhere are not loaded, only linked. */
function image(item) {
  const url = item.image_url || item.slack_file?.url || '';
  const own = ownAddress(url);
  if (own) return h('img.picture', { src: own, alt: item.alt_text || '', loading: 'lazy' });
  return h('span.picture-away', null, 'Image: ', link(url, item.alt_text || 'not shown here'));
}

function context(item) {
  return h(
    'div.prose',
    null,
    (item.elements || []).map((one) =>
      h('span.context-part', null, one.type === 'image' ? image(one) : textOf(one)),
    ),
  );
}

const MARKS = {
  complete: [
    ['currentColor', 'M10 1a9 9 0 1 0 0 18a9 9 0 0 0 0-18z'],
    ['var(--surface)', 'M6 10.3l2.8 2.8L14 7.6', 2],
  ],
  error: [
    ['currentColor', 'M10 1a9 9 0 1 0 0 18a9 9 0 0 0 0-18z'],
    ['var(--surface)', 'M7 7l6 6M13 7l-6 6', 2],
  ],
  in_progress: [
    ['var(--line-strong)', 'M10 2a8 8 0 1 0 0 16a8 8 0 0 0 0-16z', 2.4],
    ['currentColor', 'M10 2a8 8 0 0 1 8 8', 2.4],
  ],
  pending: [['currentColor', 'M10 2a8 8 0 1 0 0 16a8 8 0 0 0 0-16z', 1.8]],
};
const SPOKEN = { complete: 'done', error: 'failed', in_progress: 'running', pending: 'waiting' };

function task(item, where) {
  const status = MARKS[item.status] ? item.status : 'pending';
  const more = [
    item.details && h('div.prose', null, loose(item.details)),
    item.output && h('div.prose.task-output', null, loose(item.output)),
    item.sources?.length &&
      h(
        'div.sources',
        null,
        item.sources.map((source) => link(source.url, source.text || source.url)),
      ),
  ].filter(Boolean);
  const head = [
    icon(MARKS[status], { class: `mark mark-${status}`, label: SPOKEN[status] }),
    h('span.task-title', null, textOf({ type: 'plain_text', text: item.title })),
  ];
  const key = `task-${item.task_id}`;
  if (!more.length) return h(`div.task.task-${status}`, { key }, h('div.task-head', null, head));
  const open = status === 'in_progress' || status === 'error';
  return fold(
    `div.task.task-${status}`,
    foldKey(where, `${item.task_id}/${status}`),
    open,
    h('span.task-head', null, head),
    more,
    { key },
  );
}

/** Rich text where it is a block, mrkdwn where it is a string or a text object. */
const loose = (value) => (value.type === 'rich_text' ? richText(value) : textOf(value));

/** A details element that remembers the reader's choice over updates. */
function fold(tag, key, byDefault, summary, content, props = {}) {
  const remember = (event) => store.folds.set(key, !event.currentTarget.parentElement.open);
  const details = h(
    'details.fold',
    { open: isOpen(key, byDefault) },
    h('summary', { onclick: remember }, summary),
    h('div.fold-body', null, content),
  );
  return h(tag, props, details);
}

function plan(item, where) {
  const tasks = item.tasks || [];
  const done = tasks.filter((one) => one.status === 'complete').length;
  const failed = tasks.some((one) => one.status === 'error');
  const share = tasks.length ? Math.round((100 * done) / tasks.length) : 0;
  return h(
    'div',
    null,
    h(
      'div.plan-head',
      null,
      h('strong', null, textOf({ type: 'plain_text', text: item.title })),
      h('span.plan-count', null, `${done} of ${tasks.length}`),
    ),
    h(`div.progress${failed ? '.progress-failed' : ''}`, {
      role: 'progressbar',
      'aria-valuenow': String(share),
      'aria-valuemin': '0',
      'aria-valuemax': '100',
      'aria-label': 'Steps done',
      style: { '--share': `${share}%` },
    }),
    h(
      'div.tasks',
      null,
      tasks.map((one) => task(one, where)),
    ),
  );
}

function card(item, where) {
  return h(
    'div',
    null,
    item.hero_image && image(item.hero_image),
    h(
      'div.card-head',
      null,
      item.icon && image(item.icon),
      h(
        'div',
        null,
        item.title && h('div.card-title', null, textOf(item.title)),
        item.subtitle && h('div.card-subtitle', null, textOf(item.subtitle)),
      ),
    ),
    item.body && h('div.prose', null, textOf(item.body)),
    item.actions?.length &&
      h(
        'div.button-row',
        null,
        item.actions.map((one) => part(one, where)),
      ),
  );
}

function container(item, where) {
  const children = (item.child_blocks || []).map((child, at) =>
    block(child, { ...where, block: child.block_id, id: child.block_id || `${where.id}-${at}` }),
  );
  const title = h(
    'span.container-title',
    null,
    item.icon && image(item.icon),
    h('strong', null, item.rich_text_title ? richText(item.rich_text_title) : textOf(item.title)),
    item.subtitle && h('span.card-subtitle', null, textOf(item.subtitle)),
  );
  const named = item.title || item.rich_text_title;
  if (item.is_collapsible)
    return fold('div', foldKey(where, 'fold'), !item.default_collapsed, title, children);
  return h('div', null, named && h('div.container-head', null, title), h('div.fold-body', null, children));
}

function table(item) {
  const columns = item.column_settings || [];
  const cell = (tag) => (value, at) => {
    const align = columns[at]?.align || (value.type === 'raw_number' ? 'right' : 'left');
    return h(
      `${tag}.align-${align}`,
      { scope: tag === 'th' ? 'col' : undefined },
      value.type === 'rich_text' ? richText(value) : String(value.text ?? value.value ?? ''),
    );
  };
  const [first = [], ...rest] = item.rows || [];
  return h(
    'div',
    { tabindex: '0', role: 'region', 'aria-label': 'Table' },
    h(
      'table',
      null,
      h('thead', null, h('tr', null, first.map(cell('th')))),
      h(
        'tbody',
        null,
        rest.map((row) => h('tr', null, row.map(cell('td')))),
      ),
    ),
  );
}

function input(item, where) {
  const error = where.errors[where.id];
  const control = element(item.element, where.block, where.place, !item.dispatch_action);
  const group = ['radio_buttons', 'checkboxes'].includes(item.element.type);
  if (error) control.setAttribute('aria-invalid', 'true');
  control.removeAttribute('aria-label');
  const label = [textOf(item.label), item.optional && h('span.optional', null, ' (optional)')];
  const rest = [
    control,
    item.hint && h('div.hint', null, textOf(item.hint)),
    error && h('div.error', { role: 'alert' }, error),
  ];
  if (group) return h('div', null, h('fieldset', null, h('legend', null, label), rest));
  return h('div', null, h('label', null, h('span.label', null, label), rest));
}

const BUILDERS = {
  header: (item) => h('h3', null, textOf(item.text)),
  section,
  divider: () => h('hr'),
  context,
  actions: (item, where) =>
    h(
      'div.button-row',
      null,
      item.elements.map((one) => part(one, where)),
    ),
  context_actions: (item, where) =>
    h(
      'div.button-row',
      null,
      item.elements.map((one) => part(one, where)),
    ),
  image: (item) => h('figure', null, item.title && h('figcaption', null, textOf(item.title)), image(item)),
  rich_text: (item) => h('div.prose', null, richText(item)),
  markdown: (item) => h('div.prose', null, markdown(item.text || '')),
  table,
  plan,
  task_card: (item, where) => h('div', null, task(item, where)),
  card,
  carousel: (item, where) =>
    h(
      'div',
      { tabindex: '0', role: 'region', 'aria-label': 'Cards' },
      item.elements.map((one, at) => block({ type: 'card', ...one }, { ...where, id: `${where.id}-${at}` })),
    ),
  container,
  alert: (item) => h(`div.prose.alert-${item.level || 'default'}`, { role: 'note' }, textOf(item.text)),
  input,
  file: (item) => h('div.unknown', null, `File ${item.external_id || ''} is kept elsewhere.`),
};
