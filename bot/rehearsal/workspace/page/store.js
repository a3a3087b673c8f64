// What the page knows: the last state of the workspace, where the reader is, and what was read.

const MARKS = 'heal.workspace.read';
const USER = 'heal.workspace.user';

export const store = {
  state: null,
  user: remembered(USER) || '',
  channel: '',
  thread: '',
  home: false,
  marks: JSON.parse(remembered(MARKS) || '{}'),
  folds: new Map(),
};

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser without storage only forgets the choice.
  }
}

export function become(user) {
  store.user = user;
  remember(USER, user);
}

export const userOf = (id) => store.state?.users.find((user) => user.id === id);
export const groupOf = (id) => store.state?.groups.find((group) => group.id === id);
export const channelOf = (id) => store.state?.channels.find((channel) => channel.id === id);
export const people = () => (store.state?.users || []).filter((user) => !user.is_bot && !user.deleted);
export const messagesOf = (channel) => store.state?.messages[channel] || [];
export const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;
export const nameOf = (user) => user?.real_name || user?.name || 'someone';
export const idOf = (message) => (message.is_ephemeral ? `e${message.ts}` : message.ts);

/** The messages of a channel's own list, without thread replies. */
export const topLevel = (channel) =>
  messagesOf(channel).filter((m) => !isReply(m) || m.subtype === 'thread_broadcast');

/** The root of a thread followed by its replies. */
export const threadOf = (channel, ts) =>
  messagesOf(channel).filter((m) => m.ts === ts || (isReply(m) && m.thread_ts === ts));

export const repliesOf = (channel, ts) => threadOf(channel, ts).filter(isReply);

/** What the bot says it does in a thread, as a sentence with its name, or nothing. */
export function statusOf(channel, ts) {
  const found = store.state.statuses.find((s) => s.channel_id === channel && s.thread_ts === ts && s.status);
  return found && `${nameOf(userOf(store.state.bot_user))} ${found.status}`;
}

const threadKey = (channel, ts) => `${channel}/${ts}`;
const newerThan = (mark) => (m) => m.user !== store.user && m.ts > (mark || '0');

export function hasUnread(channel) {
  return topLevel(channel).some(newerThan(store.marks[channel]));
}

export function hasUnreadReplies(channel, ts) {
  return repliesOf(channel, ts).some(newerThan(store.marks[threadKey(channel, ts)]));
}

/** Remembers that everything in this list was seen. */
export function markRead(channel, ts) {
  const list = ts ? repliesOf(channel, ts) : topLevel(channel);
  const last = list.reduce((latest, m) => (m.ts > latest ? m.ts : latest), '0');
  const key = ts ? threadKey(channel, ts) : channel;
  if (last <= (store.marks[key] || '0')) return;
  store.marks[key] = last;
  remember(MARKS, JSON.stringify(store.marks));
}

/** Whether a fold is open: the reader's own choice, else what the content asks for. */
export const isOpen = (key, byDefault) => store.folds.get(key) ?? byDefault;
