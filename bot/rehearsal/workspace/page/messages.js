// One message as a node: who and when, what was said, its files, reactions, thread and tools.

import { blocks } from './blocks.js';
import { fileUrl, menu, toast, viewFile } from './dialogs.js';
import { h, icon } from './dom.js';
import { withEmoji } from './emoji.js';
import { link, mrkdwn, textOf } from './mrkdwn.js';
import { act } from './net.js';
import { hasUnreadReplies, nameOf, repliesOf, statusOf, store, userOf } from './store.js';

const REACTIONS = ['white_check_mark', 'pause_button', 'x', 'eyes'];
const SLACK_NAMES = { pause_button: 'double_vertical_bar' };
const COLOURS = { good: '#2c9a64', warning: '#e3a008', danger: '#d8473f' };

export const timeOf = (ts) => new Date(Number(ts) * 1000);
export const clockOf = (ts) =>
  timeOf(ts).toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' });

/** Who speaks: {name, role, colour, app} of a person, of the bot, or of an integration. */
export function authorOf(message) {
  const user = userOf(message.user);
  const app = user ? user.is_bot : Boolean(message.bot_id || message.username);
  return {
    id: message.user || message.bot_id || message.username,
    name: message.username || (user ? nameOf(user) : message.bot_profile?.name) || 'someone',
    role: app ? '' : user?.role || '',
    colour: user?.colour,
    heal: Boolean(user) && user.id === store.state.bot_user,
    app,
  };
}

const PULSE = [['#fff', 'M3 10.5h3.2l2-5.5 3.6 9.5 2.2-4h3', 1.9]];

const hex = (colour) => (/^[0-9a-f]{3,8}$/i.test(colour || '') ? `#${colour}` : colour);

/** A square with initials in the person's colour; the bot has its own sign. */
export function avatar(who, size = '') {
  const words = who.name
    .replace(/[^\p{L}\p{N} ]/gu, ' ')
    .trim()
    .split(/\s+/);
  const initials =
    words
      .slice(0, 2)
      .map((word) => word[0] || '')
      .join('')
      .toUpperCase() || '?';
  const colour = hex(who.colour);
  return h(
    `span.avatar${size && `.avatar-${size}`}${who.heal ? '.avatar-heal' : ''}`,
    { 'aria-hidden': 'true', style: colour && !who.heal ? { '--colour': colour } : {} },
    who.heal ? icon(PULSE) : initials,
  );
}

/** What a message looks like, apart from where it stands: equal strings need no new node. */
export function signature(message, inThread, compact) {
  const replies = inThread ? [] : repliesOf(message.channel_id, message.ts);
  const status = inThread ? '' : statusOf(message.channel_id, message.ts);
  const unread = !inThread && hasUnreadReplies(message.channel_id, message.ts);
  return JSON.stringify([
    message,
    inThread,
    compact,
    replies.length,
    replies.at(-1)?.ts,
    status,
    unread,
    store.user,
  ]);
}

/** The part of a message whose change a reader should notice. */
export const substance = (message) =>
  JSON.stringify([message.text, message.blocks, message.attachments, message.files]);

/** The words of a message, for those who listen instead of looking. */
export function spoken(message) {
  const probe = h('div', null, message.text ? mrkdwn(message.text) : body(message));
  return probe.textContent.replace(/\s+/g, ' ').slice(0, 200);
}

/** The node. `open` opens a thread; `compact` leaves out who speaks. */
export function messageNode(message, { inThread, compact, open, key }) {
  const who = authorOf(message);
  const place = { channel: message.channel_id, ts: message.ts };
  const classes = [compact && 'compact', message.is_ephemeral && 'ephemeral']
    .filter(Boolean)
    .map((c) => `.${c}`)
    .join('');
  return h(
    `article.message${classes}`,
    { key, tabindex: '0', 'data-ts': message.ts, 'aria-label': `${who.name}, ${clockOf(message.ts)}` },
    h('div.gutter', null, compact ? h('time.side-time', null, clockOf(message.ts)) : avatar(who)),
    h(
      'div.content',
      null,
      message.is_ephemeral && h('div.only-you', null, 'Only visible to you'),
      !compact && byline(message, who),
      h('div.body', null, body(message, compact)),
      attachments(message, place),
      message.files?.length ? h('div.files', null, message.files.map(fileChip)) : null,
      message.reactions?.length ? reactions(message, place) : null,
      inThread ? null : threadLink(message, open),
    ),
    message.is_ephemeral ? null : tools(message, place, inThread ? null : open),
  );
}

function byline(message, who) {
  return h(
    'div.byline',
    null,
    h('span.author', null, who.name),
    who.app
      ? h('span.badge', null, 'App')
      : who.role && h('span.badge.badge-role', { 'data-role': who.role }, who.role),
    h(
      'time.time',
      { datetime: timeOf(message.ts).toISOString(), title: timeOf(message.ts).toLocaleString() },
      clockOf(message.ts),
    ),
    message.edited && h('span.time', null, '· edited'),
  );
}

function body(message, compact = false) {
  if (message.blocks?.length) return blocks(message.blocks, { channel: message.channel_id, ts: message.ts });
  if (!message.text) return [];
  return h(
    'div.prose',
    { key: 'text' },
    mrkdwn(message.text),
    compact && message.edited && h('span.edited', null, ' (edited)'),
  );
}

function attachments(message, place) {
  return (message.attachments || []).map((one, at) => {
    const colour = COLOURS[one.color] || hex(one.color);
    const empty = !one.title && !one.text && !one.pretext && !one.fields && !one.blocks;
    return h(
      'div.attached',
      { key: `attachment-${at}` },
      one.pretext && h('div.prose', null, mrkdwn(one.pretext)),
      h(
        'div.attachment',
        { style: colour ? { '--bar': colour } : {} },
        one.author_name && h('div.card-subtitle', null, one.author_name),
        one.title &&
          h(
            'div.attachment-title',
            null,
            one.title_link ? link(one.title_link, withEmoji(one.title)) : mrkdwn(one.title),
          ),
        one.text && h('div.prose', null, mrkdwn(one.text)),
        empty && one.fallback && h('div.prose', null, mrkdwn(one.fallback)),
        one.fields?.length &&
          h(
            'div.fields',
            null,
            one.fields.map((field) =>
              h(
                `div.prose${field.short ? '' : '.field-wide'}`,
                null,
                h('strong', null, mrkdwn(field.title || '')),
                h('div', null, mrkdwn(String(field.value ?? ''))),
              ),
            ),
          ),
        one.blocks && blocks(one.blocks, place),
        one.actions?.length &&
          h(
            'div.button-row',
            null,
            one.actions
              .filter((a) => a.url)
              .map((a) =>
                h(
                  `span.button${a.style ? `.${a.style}` : ''}`,
                  null,
                  link(a.url, textOf({ type: 'plain_text', text: a.text })),
                ),
              ),
          ),
        one.footer &&
          h('div.footer', null, mrkdwn(one.footer), one.ts && ` · ${timeOf(one.ts).toLocaleString()}`),
      ),
    );
  });
}

const SHEET = [['currentColor', 'M5 2h7l4 4v12H5zM12 2v4h4M7.5 10h6M7.5 13h6', 1.4]];

function fileChip(file) {
  const chip = h(
    'button.file',
    { type: 'button', key: file.id, onclick: () => viewFile(file) },
    icon(SHEET),
    h('span', null, h('strong', null, file.title || file.name), h('small', null, sizeOf(file))),
  );
  if (!/\.png$/i.test(file.name)) return chip;
  const shown = { src: fileUrl(file), alt: file.alt_txt || file.title || file.name, loading: 'lazy' };
  return h('div.file-shown', { key: `shown-${file.id}` }, h('img.picture', shown), chip);
}

function sizeOf(file) {
  const kind = (/\.(\w+)$/.exec(file.name)?.[1] || 'file').toUpperCase();
  if (file.size === undefined) return kind;
  return `${kind} · ${file.size < 1024 ? `${file.size} B` : `${(file.size / 1024).toFixed(1)} kB`}`;
}

async function told(kind, body) {
  const answer = await act(kind, body);
  if (!answer.ok) toast(answer.error || 'That did not work.');
}

const react = (place, name) => () => told('react', { ...place, name: SLACK_NAMES[name] || name });

function reactions(message, place) {
  return h(
    'div.reactions',
    null,
    message.reactions.map((one) => {
      const mine = one.users?.includes(store.user);
      const names = (one.users || []).map((id) => nameOf(userOf(id))).join(', ');
      return h(
        'button.reaction',
        {
          key: one.name,
          type: 'button',
          title: names,
          'aria-pressed': String(Boolean(mine)),
          onclick: react(place, one.name),
        },
        withEmoji(`:${one.name}:`),
        ' ',
        String(one.count ?? one.users?.length ?? 1),
      );
    }),
  );
}

function threadLink(message, open) {
  const replies = repliesOf(message.channel_id, message.ts).filter((m) => !m.is_ephemeral);
  const count = Math.max(replies.length, message.reply_count || 0);
  const status = statusOf(message.channel_id, message.ts);
  if (!count && !status) return null;
  const speakers = [...new Map(replies.map((m) => [authorOf(m).id, authorOf(m)])).values()].slice(0, 4);
  return h(
    'button.thread-link',
    { key: 'thread', type: 'button', onclick: () => open(message.ts) },
    speakers.map((who) => avatar(who, 'tiny')),
    count > 0 && h('span.thread-count', null, count === 1 ? '1 reply' : `${count} replies`),
    hasUnreadReplies(message.channel_id, message.ts) &&
      h('span.dot', { title: 'New replies', role: 'img', 'aria-label': 'new' }),
    status
      ? h('span.status', null, h('span.typing', { 'aria-hidden': 'true' }), status)
      : h(
          'span.thread-last',
          null,
          count ? `last at ${clockOf(replies.at(-1)?.ts || message.latest_reply)}` : '',
        ),
  );
}

const REPLY = [['currentColor', 'M3 4.500h14v9H9l-4 3.500v-3.500H3z', 1.5]];
const MORE = [
  [
    'currentColor',
    'M4 8.500a1.5 1.5 0 1 0 0 3a1.5 1.5 0 0 0 0-3zM10 8.500a1.5 1.5 0 1 0 0 3a1.5 1.5 0 0 0 0-3zM16 8.500a1.5 1.5 0 1 0 0 3a1.5 1.5 0 0 0 0-3z',
  ],
];

function tools(message, place, open) {
  const shortcut = () => told('shortcut', { ...place, callback_id: 'heal_message' });
  const copy = () => navigator.clipboard?.writeText(message.text || '');
  const more = (event) =>
    menu(event.currentTarget, [
      ['Heal this alert', shortcut],
      ['Copy text', copy],
    ]);
  return h(
    'div.tools',
    { role: 'toolbar', 'aria-label': 'Message tools', key: 'tools' },
    REACTIONS.map((name) =>
      h(
        'button',
        {
          type: 'button',
          title: `React :${name}:`,
          'aria-label': `React with ${name.replaceAll('_', ' ')}`,
          onclick: react(place, name),
        },
        withEmoji(`:${name}:`),
      ),
    ),
    open &&
      h(
        'button',
        {
          type: 'button',
          title: 'Reply in thread',
          'aria-label': 'Reply in thread',
          onclick: () => open(message.ts, true),
        },
        icon(REPLY),
      ),
    h(
      'button',
      { type: 'button', title: 'More', 'aria-label': 'More actions', 'aria-haspopup': 'menu', onclick: more },
      icon(MORE),
    ),
  );
}
