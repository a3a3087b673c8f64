// Emoji by Slack's names. Those that Heal speaks with are drawn here, so they look alike everywhere.

import { h, icon } from './dom.js';

const GREEN = '#2c9a64',
  RED = '#d8473f',
  AMBER = '#e3a008',
  ORANGE = '#e8772e',
  BLUE = '#3b82c4';
const STEEL = '#7c8b96',
  PALE = '#cfd8dc',
  INK = 'currentColor',
  WHITE = '#fff',
  DARK = '#3d4950';

const disc = (r = 8) => `M10 ${10 - r}a${r} ${r} 0 1 0 0 ${2 * r}a${r} ${r} 0 0 0 0-${2 * r}z`;
const TILE =
  'M5 1.8h10A3.2 3.2 0 0 1 18.2 5v10a3.2 3.2 0 0 1-3.2 3.2H5A3.2 3.2 0 0 1 1.8 15V5A3.2 3.2 0 0 1 5 1.8z';
const BELL =
  'M10 2a5 5 0 0 1 5 5c0 4 1 5.6 2.4 7H2.6C4 12.6 5 11 5 7a5 5 0 0 1 5-5zM8 15.500h4a2 2 0 0 1-4 0z';
const LOCK = 'M4.5 9h11v8.500h-11z';
const dot = (colour) => [[colour, disc()]];
const tile = (...paths) => [[BLUE, TILE], ...paths];
const clock = [
  [DARK, disc(8.5)],
  [WHITE, disc(6.7)],
  [DARK, 'M10 6v4l2.8 1.8', 1.6],
];

// name -> [character, drawing]
const DRAWN = {
  white_check_mark: [
    '✅',
    [
      [GREEN, TILE],
      [WHITE, 'M5.5 10.4l3.1 3.1 6-6.6', 2.2],
    ],
  ],
  heavy_check_mark: ['✔', [[GREEN, 'M3.5 11l4.3 4.300L16.5 5.5', 2.8]]],
  x: ['❌', [[RED, 'M4 4l12 12M16 4L4 16', 3]]],
  warning: [
    '⚠',
    [
      [AMBER, 'M10 1.800L19 18H1z'],
      ['#3a2c00', 'M10 7v5.300M10 15.200v.1', 2],
    ],
  ],
  rotating_light: [
    '🚨',
    [
      [RED, 'M5 15V11a5 5 0 0 1 10 0v4z'],
      [DARK, 'M3 15.500h14V18H3z'],
      [RED, 'M10 1.500v2M3.2 4.200l1.5 1.500M16.8 4.200l-1.5 1.5', 1.7],
      ['#ffd5d0', 'M8 14v-3a2 2 0 0 1 2-2', 1.4],
    ],
  ],
  hourglass_flowing_sand: [
    '⏳',
    [
      [DARK, 'M4 1.800h12M4 18.200h12', 1.8],
      [PALE, 'M5.5 3h9c0 3.6-3 5-3 7s3 3.4 3 7h-9c0-3.6 3-5 3-7s-3-3.4-3-7z'],
      [
        AMBER,
        'M7 6h6c-.8 1.5-2.3 2.3-2.6 3.600h-.8C9.3 8.3 7.8 7.5 7 6zM6.5 17c.6-2.2 2-2.6 3.5-3.6 1.5 1 2.9 1.4 3.5 3.600z',
      ],
    ],
  ],
  mag: [
    '🔍',
    [
      [STEEL, 'M8.3 2.500a5.8 5.8 0 1 0 0 11.600a5.8 5.8 0 0 0 0-11.600z', 2.2],
      [DARK, 'M12.8 12.800l4.7 4.7', 2.8],
    ],
  ],
  bell: ['🔔', [[AMBER, BELL]]],
  no_bell: [
    '🔕',
    [
      [STEEL, BELL],
      [RED, 'M3 3l14 14', 2.2],
    ],
  ],
  rewind: ['⏪', tile([WHITE, 'M10 5.500v9L4 10zM16 5.500v9L10 10z'])],
  fast_forward: ['⏩', tile([WHITE, 'M10 5.500v9L16 10zM4 5.500v9L10 10z'])],
  arrow_forward: ['▶', tile([WHITE, 'M7 5v10l8-5z'])],
  black_square_for_stop: ['⏹', tile([WHITE, 'M6 6h8v8H6z'])],
  pause_button: ['⏸', tile([WHITE, 'M6 5.500h3v9H6zM11 5.500h3v9h-3z'])],
  arrows_counterclockwise: [
    '🔄',
    tile([
      WHITE,
      'M14.5 9A4.7 4.7 0 0 0 6 7.300M5.5 11a4.7 4.7 0 0 0 8.5 1.700M6 4.500v2.800h2.800M14 15.500v-2.800h-2.8',
      1.7,
    ]),
  ],
  leftwards_arrow_with_hook: ['↩', tile([WHITE, 'M7.5 5L4.5 8l3 3M4.5 8H12a3 3 0 0 1 0 6.200H8', 1.9])],
  information_source: ['ℹ', tile([WHITE, 'M10 9.200v5M10 5.800v.1', 2.2])],
  lock: [
    '🔒',
    [
      [DARK, 'M6.5 9V6.500a3.5 3.5 0 0 1 7 0V9', 2],
      [AMBER, LOCK],
    ],
  ],
  unlock: [
    '🔓',
    [
      [DARK, 'M6.5 9V5.500a3.5 3.5 0 0 1 6.8-1', 2],
      [AMBER, LOCK],
    ],
  ],
  snowflake: [
    '❄',
    [['#4aa8d8', 'M10 1.500v17M2.6 5.700l14.8 8.600M17.4 5.700L2.6 14.300M8 3l2 2 2-2M8 17l2-2 2 2', 1.7]],
  ],
  zap: ['⚡', [[AMBER, 'M12 1L3.5 11.500H9L7.5 19l9-11H11z']]],
  gear: [
    '⚙',
    [
      [STEEL, 'M10 1.500v17M1.5 10h17M4 4l12 12M16 4L4 16', 2.8],
      [STEEL, disc(6.2)],
      [WHITE, disc(2.5)],
    ],
  ],
  eyes: [
    '👀',
    [
      [
        '#b3c0c7',
        'M5.5 4C3.3 4 2 6.5 2 10s1.3 6 3.5 6S9 13.5 9 10 7.7 4 5.5 4zM14.5 4C12.3 4 11 6.5 11 10s1.3 6 3.5 6 3.5-2.5 3.5-6-1.3-6-3.5-6z',
      ],
      [DARK, 'M5 8a2.2 2.5 0 1 0 0 5a2.2 2.5 0 0 0 0-5zM14 8a2.2 2.5 0 1 0 0 5a2.2 2.5 0 0 0 0-5z'],
    ],
  ],
  black_circle: ['⚫', dot(DARK)],
  white_circle: [
    '⚪',
    [
      [STEEL, disc()],
      [WHITE, disc(6.8)],
    ],
  ],
  large_green_circle: ['🟢', dot(GREEN)],
  large_yellow_circle: ['🟡', dot(AMBER)],
  large_orange_circle: ['🟠', dot(ORANGE)],
  large_blue_circle: ['🔵', dot(BLUE)],
  red_circle: ['🔴', dot(RED)],
  fire: [
    '🔥',
    [
      [
        ORANGE,
        'M10.5 1c.5 3.5 5.5 5.5 5.5 11a6 6 0 0 1-12 0c0-2.5 1.3-4 2.3-5.2.3 1.3.9 2 1.7 2.400C7.6 6 8.5 3 10.5 1z',
      ],
      [AMBER, 'M10.2 10c.4 1.7 2.5 2.6 2.5 5a2.7 2.7 0 0 1-5.4 0c0-2 1.9-2.8 2.9-5z'],
    ],
  ],
  memo: [
    '📝',
    [
      [PALE, 'M3 2h11v16H3z'],
      [STEEL, 'M5.5 6h6M5.5 9h5M5.5 12h3', 1.3],
      [ORANGE, 'M9.5 15.500l7-8.5 1.8 1.5-7 8.5-2.3.8z'],
    ],
  ],
  page_facing_up: [
    '📄',
    [
      [PALE, 'M4 1.800h8l4 4v12.400H4z'],
      [STEEL, 'M6.5 8h7M6.5 11h7M6.5 14h4.5', 1.3],
    ],
  ],
  no_entry: [
    '⛔',
    [
      [RED, disc(8.5)],
      [WHITE, 'M5.5 10h9', 2.8],
    ],
  ],
  no_entry_sign: [
    '🚫',
    [
      [RED, disc(7.3), 2.2],
      [RED, 'M5 5l10 10', 2.2],
    ],
  ],
  bust_in_silhouette: [
    '👤',
    [['#5f6f9a', 'M10 2.500a4 4 0 1 0 0 8a4 4 0 0 0 0-8zM2.5 18c.5-4.5 3.5-6.3 7.5-6.300s7 1.8 7.5 6.300z']],
  ],
  busts_in_silhouette: [
    '👥',
    [
      ['#93a0bf', 'M13.5 3a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7zM8 17c.5-4 2-5.5 5.5-5.500S19 13 19.3 17z'],
      ['#5f6f9a', 'M7 4a3.5 3.5 0 1 0 0 7a3.5 3.5 0 0 0 0-7zM.7 18c.3-4 2.5-5.7 6.3-5.700s6 1.7 6.3 5.700z'],
    ],
  ],
  clock3: ['🕒', clock],
  stopwatch: ['⏱', [[DARK, 'M8 1.500h4M10 1.500v2', 1.6], ...clock]],
  alarm_clock: ['⏰', [[RED, 'M3 4.500L5.5 2.500M17 4.500L14.5 2.5', 2], ...clock]],
  question: ['❓', [[RED, 'M6.5 6.500a3.5 3.5 0 1 1 5.5 2.900c-1.3.9-2 1.5-2 3.100M10 16.600v.1', 2.5]]],
  exclamation: ['❗', [[RED, 'M10 3v9M10 16.600v.1', 3]]],
  wrench: [
    '🔧',
    [
      [STEEL, 'M16 6.500a4 4 0 0 1-5.4 3.700L4.5 16.5', 3],
      [STEEL, 'M12.5 3a4 4 0 0 0-2.3 5', 3],
    ],
  ],
  shield: [
    '🛡',
    [
      [BLUE, 'M10 1.500l7 2.500v5.500c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V4z'],
      [WHITE, 'M6.8 9.800l2.3 2.3 4.2-4.6', 1.8],
    ],
  ],
  bulb: [
    '💡',
    [
      [AMBER, 'M10 1.500a5.5 5.5 0 0 1 3 10.100V14H7v-2.400a5.5 5.5 0 0 1 3-10.100z'],
      [STEEL, 'M7.5 16h5M8.5 18.200h3', 1.5],
    ],
  ],
  white_large_square: ['⬜', [[PALE, TILE]]],
};

const PLAIN = {
  tada: '🎉',
  rocket: '🚀',
  wave: '👋',
  pray: '🙏',
  heart: '❤️',
  sparkles: '✨',
  robot_face: '🤖',
  hammer_and_wrench: '🛠️',
  link: '🔗',
  calendar: '📅',
  ticket: '🎫',
  pager: '📟',
  phone: '☎️',
  chart_with_upwards_trend: '📈',
  chart_with_downwards_trend: '📉',
  arrow_right: '➡️',
  point_right: '👉',
  point_down: '👇',
  raised_hand: '✋',
  stethoscope: '🩺',
  adhesive_bandage: '🩹',
  ambulance: '🚑',
  speech_balloon: '💬',
  pushpin: '📌',
  package: '📦',
  globe_with_meridians: '🌐',
  thinking_face: '🤔',
  '+1': '👍',
  '-1': '👎',
  ok_hand: '👌',
  seedling: '🌱',
  coffee: '☕',
  broom: '🧹',
  floppy_disk: '💾',
};

const ALIASES = {
  double_vertical_bar: 'pause_button',
  thumbsup: '+1',
  thumbsdown: '-1',
  hourglass: 'hourglass_flowing_sand',
  warning_sign: 'warning',
  green_circle: 'large_green_circle',
  yellow_circle: 'large_yellow_circle',
  clock1: 'clock3',
  clock12: 'clock3',
  clock9: 'clock3',
  clock: 'clock3',
  cross_mark: 'x',
  fast_rewind: 'rewind',
  'bell-slash': 'no_bell',
  information: 'information_source',
  timer_clock: 'stopwatch',
};

const BY_CHARACTER = new Map(Object.entries(DRAWN).map(([name, [character]]) => [character, name]));
const CHARACTERS = new RegExp(`(?:${[...BY_CHARACTER.keys()].join('|')})\\uFE0F?`, 'u');
const EITHER = new RegExp(`:([a-z0-9_+-]+):(?::skin-tone-\\d:)?|${CHARACTERS.source}`, 'gu');

/** The node for an emoji name, or null when the name is not known. */
export function emoji(name) {
  const known = ALIASES[name] || name;
  if (Object.hasOwn(DRAWN, known))
    return icon(DRAWN[known][1], { class: 'emoji', label: known.replaceAll('_', ' ') });
  if (Object.hasOwn(PLAIN, known))
    return h('span.emoji-text', { role: 'img', 'aria-label': known.replaceAll('_', ' ') }, PLAIN[known]);
  return null;
}

/** Plain text with its emoji, as a list of nodes and strings. */
export function withEmoji(text) {
  const out = [];
  let end = 0;
  for (const match of text.matchAll(EITHER)) {
    const node = emoji(match[1] ?? BY_CHARACTER.get(match[0].replace('\uFE0F', '')));
    if (!node) continue;
    out.push(text.slice(end, match.index), node);
    end = match.index + match[0].length;
  }
  out.push(text.slice(end));
  return out;
}
