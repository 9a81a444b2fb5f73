// The status page: draws what the daemon tells once a second. It only reads. Texts from outside become text nodes.
const points = 60;
const phases = ['dns', 'connect', 'tls', 'send', 'wait', 'read'];
const max_decisions = 30;
const declining = ['nak', 'ivr_timeout', 'ivr_attempts', 'shutdown'];   // reasons that are no fault

const patience = 3000;   // milliseconds without an event that say nothing yet
const max_refused = 5;
const max_notifications = 5;
const numbers = new Intl.NumberFormat('en-GB');

const body = document.querySelector('#webhooks tbody');
const find = document.querySelector('#filter');
const order = document.querySelector('#order');
const rows = new Map();   // by the webhook's name
let selected = '';
let decisions = [];
let events;
let sample = 0;
let heard_at = performance.now();
let is_connected = false;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function drawing(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function milliseconds(value) {
  if (value === null || value === undefined) return '–';
  if (value >= 1000) return (value / 1000).toFixed(value < 10000 ? 2 : 1) + ' s';
  return (value < 10 ? value.toFixed(1) : Math.round(value)) + ' ms';
}

function counted(count, one, many) {
  return `${numbers.format(count)} ${count === 1 ? one : many}`;
}

// So many a minute, from those of the last `seconds`.
function rate(count, seconds) {
  return seconds === 0 ? '–' : numbers.format(Math.round(count * 60 / seconds));
}

function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${numbers.format(Math.floor(seconds / 86400))} d ${Math.floor(seconds % 86400 / 3600)} h`;
}

// The time alone for today, else with the day.
function moment(at) {
  const then = new Date(at);
  const is_today = then.toDateString() === new Date().toDateString();
  return (is_today ? '' : then.toLocaleDateString('en-GB') + ' ') + then.toLocaleTimeString('en-GB');
}

// What cannot be seen, or turns the text around it, is written out.
function visible(text) {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, character => `\\u{${character.codePointAt(0).toString(16).toUpperCase()}}`);
}

function percent(part, whole) {
  if (whole === 0) return '–';
  const share = 100 * part / whole;
  return (share === 100 || share < 10 ? Math.round(share) : Math.min(share, 99.9).toFixed(1)) + ' %';
}

// A line with the area below it; a second without a value, or of which nothing is known, leaves a gap.
function sparkline(kind, values, unit, failures = [], declined = []) {
  const width = 120, height = 28, step = width / (points - 1);
  const top = Math.max(...values.filter(value => value !== null), 0);
  const y = value => top === 0 ? height - 1 : height - 1 - (height - 3) * value / top;
  let line = '', area = '', start = null;
  const finish = end => {
    if (start !== null) area += `L${(end * step).toFixed(1)} ${height}L${(start * step).toFixed(1)} ${height}Z`;
    start = null;
  };
  values.forEach((value, at) => {
    if (value === null) return finish(at - 1);
    const place = `${(at * step).toFixed(1)} ${y(value).toFixed(1)}`;
    const is_first = start === null;
    if (is_first) start = at;
    line += (is_first ? 'M' : 'L') + place;
    area += (is_first ? 'M' : 'L') + place;
    if (is_first && (values[at + 1] ?? null) === null) line += 'h.1';   // a point of its own
  });
  finish(values.length - 1);
  const marks = (kind_of_mark, counts) => counts.map((count, at) => !count ? null : drawing('rect', {
    class: kind_of_mark, x: at * step - 1, width: 2, y: y(count), height: height - y(count)})).filter(mark => mark);
  const drawn = drawing('svg', {class: 'spark ' + kind, viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': true},
    drawing('path', {class: 'area', d: area}), drawing('path', {d: line}), ...marks('failures', failures), ...marks('declined', declined));
  const scale = element('small', {className: 'scale', textContent: top === 0 ? '' : 'max ' + unit(top)});
  return element('div', {className: 'drawn'}, drawn, scale);
}

function figure(text, ...more) {
  return element('div', {className: 'figure'}, element('b', {textContent: text}), ...more);
}

function share({calls, failures, declined}) {
  const bar = drawing('svg', {class: calls === 0 ? 'share none' : 'share', viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': true});
  const good = 100 * (calls - failures) / calls;
  if (calls !== 0) bar.append(drawing('rect', {class: 'success', width: good, height: 10}), drawing('rect', {class: 'declined', x: good, width: 100 * declined / calls, height: 10}));
  const parts = [];
  if (declined) parts.push(`${numbers.format(declined)} declined`);
  if (failures - declined) parts.push(`${numbers.format(failures - declined)} failed`);
  return element('div', {className: 'drawn'}, bar, element('small', {className: 'scale', textContent: parts.join(', ')}));
}

// Rows stay the same elements, so that focus, hover and selection live on.
function row_of(name) {
  let row = rows.get(name);
  if (row) return row;
  const triangle = element('span', {className: 'triangle', textContent: '▸'});
  triangle.setAttribute('aria-hidden', true);
  const button = element('button', {type: 'button'}, triangle, name);
  button.setAttribute('aria-expanded', false);
  const cells = ['', 'Calls a minute', 'Success', 'p50', 'p99', 'In flight'].map(label => {
    const cell = element('td', {role: 'cell'});
    if (label) cell.dataset.label = label;
    return cell;
  });
  const badge = element('span', {className: 'badge', hidden: true});
  const about = element('small', {className: 'about'});
  const trouble = element('small', {className: 'trouble'});
  cells[0].append(button, badge, about, trouble);
  const line = element('tr', {className: 'webhook', role: 'row'}, ...cells);
  line.dataset.name = name;
  line.addEventListener('click', () => select(selected === name ? '' : name));
  row = {name, line, button, triangle, badge, about, trouble, cells, points: []};
  rows.set(name, row);
  return row;
}

function set_text(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// The last failure that was more than an open breaker.
function cause_of({last_failure}) {
  if (!last_failure?.reason) return '';
  const {reason, reason_at, detail, http_status} = last_failure;
  const status = http_status ? ` (HTTP ${http_status})` : '';
  return `${reason}${status} at ${moment(reason_at)}${detail ? ': ' + detail : ''}`;
}

function set_badge(row, webhook) {
  const breaker = webhook.circuit_breaker;
  let text = '', tone = 'bad';
  if (breaker === 'open') text = 'breaker open';
  else if (breaker === 'half_open') [text, tone] = ['breaker half open', 'warn'];
  else if (webhook.is_failing) text = 'failing';
  row.badge.hidden = text === '';
  set_text(row.badge, text);
  row.badge.className = 'badge ' + tone;
}

function draw_row(row, webhook, state) {
  const {calls, failures, in_flight} = webhook;
  row.line.classList.remove('gone');
  set_badge(row, webhook);
  set_text(row.about, webhook.description);
  const cause = cause_of(webhook);
  const in_a_row = webhook.last_failure?.in_a_row ?? 0;
  const again = in_a_row > 1 ? `${numbers.format(in_a_row)} failures in a row, the last: ` : 'the last failure: ';
  set_text(row.trouble, webhook.is_failing && cause ? again + cause : '');
  const column = at => row.points.map(point => point[at]);
  const faults = row.points.map(point => (point[1] ?? 0) - (point[4] ?? 0));
  row.cells[1].replaceChildren(figure(rate(calls, state.window_s), sparkline('calls', column(0), top => numbers.format(top) + '/s', faults, column(4))));
  row.cells[2].replaceChildren(figure(percent(calls - failures, calls), share(webhook)));
  row.cells[3].replaceChildren(figure(milliseconds(webhook.p50_ms), sparkline('p50', column(2), milliseconds)));
  row.cells[4].replaceChildren(figure(milliseconds(webhook.p99_ms), sparkline('p99', column(3), milliseconds)));
  row.cells[4].title = 'timeout ' + milliseconds(webhook.timeout_ms);
  set_text(row.cells[5], numbers.format(in_flight));
}

// Its row is open, and there is no such webhook any more.
function draw_gone(row) {
  row.line.classList.add('gone');
  row.badge.hidden = false;
  row.badge.className = 'badge warn';
  set_text(row.badge, 'removed');
  set_text(row.about, '');
  set_text(row.trouble, 'This webhook is no longer in the configuration. Its last decisions stay here until the row is closed.');
  row.cells.slice(1).forEach(cell => cell.replaceChildren('–'));
}

// `passed`: seconds since the last time; a webhook tells of those in which it was followed. `known`: at the first time,
// how many seconds the daemon knows of.
function add_points(row, fresh, passed, known) {
  const silent = [0, 0, null, null, 0], unknown = [null, null, null, null, null];
  row.points.push(...Array(Math.max(0, passed - fresh.length)).fill(silent), ...fresh);
  while (row.points.length < Math.min(known, points)) row.points.unshift(silent);
  while (row.points.length < points) row.points.unshift(unknown);
  row.points.splice(0, row.points.length - points);
}

function waterfall(decision, longest) {
  const bar = drawing('svg', {class: 'waterfall', viewBox: '0 0 1000 10', preserveAspectRatio: 'none', 'aria-hidden': true});
  const told = [];
  let at = 0;
  const add = (phase, time) => {
    const width = 1000 * time / longest;
    bar.append(drawing('rect', {class: phase, x: at, width: Math.max(width, 2), height: 10}));
    at += width;
  };
  for (const phase of phases) {
    const time = decision.timing[phase];
    if (time === undefined) continue;
    add(phase, time);
    if (time >= .05) told.push(`${phase} ${milliseconds(time)}`);
  }
  const rest = decision.elapsed_ms - phases.reduce((sum, phase) => sum + (decision.timing[phase] ?? 0), 0);
  if (rest > decision.elapsed_ms / 50) {   // waiting for a connection, a pause before a retry, or an engine that is busy
    add('other', rest);
    told.push(`other ${milliseconds(rest)}`);
  }
  bar.append(drawing('title', {}, told.join(', ')));
  return [bar, told.join(' · ')];
}

function decision_item(decision, longest) {
  const [bar, timing] = waterfall(decision, longest);
  const at = new Date(decision.at);
  const who = element('span', {className: 'who'}, decision.callerid ?? 'withheld',
    element('small', {textContent: ' → ' + (decision.did ?? '')}));
  if (decision.callername) who.append(element('small', {textContent: ' · ' + decision.callername}));
  const is_success = decision.branch === 'success';
  const outcome = is_success ? 'success' : decision.reason;
  const tone = is_success ? 'good' : declining.includes(decision.reason) ? 'warn' : 'bad';
  const facts = [timing];
  if (decision.destination) facts.unshift('dials ' + (decision.destinations ?? decision.destination));
  if (decision.http_status) facts.push('HTTP ' + decision.http_status);
  if (decision.source && decision.source !== 'url') facts.push('answered by ' + decision.source);
  if (decision.retries) facts.push(`retries ${decision.retries}`);
  if (decision.redirects) facts.push(`redirects ${decision.redirects}`);
  if (decision.call_id) facts.push('call ' + decision.call_id);
  if (decision.detail) facts.push(decision.detail);
  return element('li', {},
    element('time', {textContent: at.toLocaleTimeString('en-GB'), dateTime: at.toISOString(), title: at.toLocaleString()}),
    who, element('span', {className: 'badge ' + tone, textContent: outcome}),
    element('span', {className: 'fall'}, bar), element('span', {className: 'took', textContent: milliseconds(decision.elapsed_ms)}),
    element('span', {className: 'more', textContent: facts.filter(fact => fact).join(' · ')}));
}

const detail = element('tr', {className: 'detail', role: 'row'});
const detail_cell = element('td', {colSpan: 6, role: 'cell'});
detail.append(detail_cell);
const legend = element('p', {className: 'legend', ariaHidden: true},
  ...[...phases, 'other'].map(phase => element('span', {className: phase}, element('i', {textContent: phase}))));
const list = element('ol', {tabIndex: 0});   // stays the same element, so that focus and place live on

function draw_detail() {
  if (decisions.length === 0)
    return detail_cell.replaceChildren(element('p', {className: 'nothing', textContent: 'None of the last decisions was this webhook’s. The next one appears here.'}));
  const longest = Math.max(...decisions.map(decision => decision.elapsed_ms), 0.001);
  const scrolled = list.scrollTop;
  list.ariaLabel = 'Last decisions of ' + selected;
  list.replaceChildren(...decisions.map(decision => decision_item(decision, longest)));
  if (list.parentNode !== detail_cell) detail_cell.replaceChildren(legend, list);
  list.scrollTop = scrolled;
}

function draw(state) {
  const is_first = sample === 0;
  const passed = is_first ? 0 : Math.min(state.sample - sample, points);
  sample = state.sample;
  const shown = state.webhooks.map(webhook => {
    const row = row_of(webhook.name);
    add_points(row, webhook.points ?? [], passed, is_first ? state.window_s : 0);
    draw_row(row, webhook, state);
    return row;
  });
  if (selected && state.is_known === false) {
    const row = row_of(selected);
    draw_gone(row);
    mark_open(row);
    shown.unshift(row);
  }
  for (const [name, row] of rows)
    if (!shown.includes(row)) { row.line.remove(); rows.delete(name); }
  place(shown);
  set_text(document.querySelector('#version'), `${state.version}${state.host ? ' on ' + state.host : ''}`);
  if (state.draining) live('draining', 'warn');
  else if (state.refused) live('refusing requests', 'bad');
  else live('live', 'good');
  totals(state);
  draw_alerts(state);
  draw_refused(state);
  draw_notifications(state);
  const {known} = state;
  set_text(document.querySelector('#shown'), (shown.length < known ? numbers.format(shown.length) + ' of ' : '') + counted(known, 'webhook', 'webhooks'));
  const empty = document.querySelector('#empty');
  empty.hidden = shown.length !== 0;
  empty.textContent = find.value ? 'No webhook has this in its name.' : 'There are no webhooks in the configuration.';
  document.querySelector('#webhooks').hidden = shown.length === 0;
  if (state.decisions?.length) {
    decisions = [...state.decisions.reverse(), ...decisions].slice(0, max_decisions);
    draw_detail();
  }
}

// Moves only what is not where it belongs: an element that is moved loses the focus.
function place(shown) {
  const wanted = shown.flatMap(row => row.name === selected ? [row.line, detail] : [row.line]);
  if (!wanted.includes(detail)) detail.remove();
  wanted.forEach((line, at) => {
    if (body.children[at] !== line) {
      const focused = line.contains(document.activeElement) ? document.activeElement : null;
      body.insertBefore(line, body.children[at] ?? null);
      focused?.focus({preventScroll: true});
    }
  });
}

function totals(state) {
  const facts = [
    ['calls a minute', rate(state.calls, state.window_s)],
    ['success', percent(state.calls - state.failures, state.calls)],
    ['refused a minute', rate(state.refused, state.window_s), state.refused ? 'bad' : ''],
    ['calls in flight', numbers.format(state.in_flight)],
    [state.engine_connections === 1 ? 'engine' : 'engines', numbers.format(state.engine_connections)],
    ['uptime', duration(state.now - state.started_at)]];
  document.querySelector('#totals').replaceChildren(...facts.map(([name, value, tone = '']) =>
    element('div', {className: tone}, element('dt', {textContent: name}), element('dd', {textContent: value}))));
}

function alert_of(title, text, faults = [], more = 0) {
  const made = element('div', {className: 'alert bad'}, element('strong', {textContent: title}), ' ', text);
  if (faults.length) made.append(element('ul', {}, ...faults.map(fault => element('li', {textContent: fault}))));
  if (more > 0) made.append(`and ${numbers.format(more)} more`);
  return made;
}

let alerted = '';

// Drawn anew only when it says something else: it is read aloud.
function draw_alerts({config, spool}) {
  const told = JSON.stringify([config, spool.fault]);
  if (told === alerted) return;
  alerted = told;
  const {stale, file, since, refused_at, faults, fault_count} = config;
  const more = fault_count - faults.length;
  const made = [];
  if (stale)
    made.push(alert_of('The configuration in force is an old one.', `${file} is faulty; calls go by the last good one, of ${moment(since)}.`, faults, more));
  else if (refused_at)
    made.push(alert_of(`The reload at ${moment(refused_at)} was refused.`, `The configuration of ${moment(since)} stays in force.`, faults, more));
  if (spool.fault) made.push(alert_of('Events are not stored.', spool.fault));
  document.querySelector('#alerts').replaceChildren(...made);
}

function refused_row(request, now) {
  const {asked_for, name, nearest, webhook, did, call_id} = request;
  const kind = {webhook: 'webhook', did: 'number', method: 'method', address: 'agi:// address', others: 'other names'}[asked_for] ?? 'no name';
  const asked = element('td', {role: 'cell'}, kind + ' ');
  if (name) asked.append(element('b', {textContent: visible(name)}));
  if (nearest) asked.append(element('small', {textContent: `nearest: ${nearest}`}));
  if (request.is_known_now) asked.append(element('small', {textContent: 'is in the configuration now'}));
  const why = element('td', {role: 'cell'}, visible(request.why), element('small', {textContent: `error ${request.code}`}));
  const is_recent = now - request.last_at < points * 1000;
  const count = element('td', {role: 'cell'}, element('b', {className: is_recent ? 'bad' : '', textContent: numbers.format(request.count)}),
    element('span', {className: 'noun', textContent: request.count === 1 ? ' request' : ' requests'}));
  const last = [];
  if (webhook && asked_for !== 'webhook') last.push('webhook ' + visible(webhook));
  if (did && asked_for !== 'did') last.push('number ' + visible(did));
  if (call_id) last.push('call ' + visible(call_id));
  const cells = [asked, why, count, element('td', {role: 'cell'}, moment(request.last_at), element('small', {textContent: last.join(', ')}))];
  ['Asked for', 'Why', 'Requests', 'Last one'].forEach((label, at) => { cells[at].dataset.label = label; });
  return element('tr', {role: 'row'}, ...cells);
}

function draw_refused({refused_requests, now}) {
  const section = document.querySelector('#refused');
  section.hidden = refused_requests.length === 0;
  const shown = refused_requests.slice(0, max_refused);
  section.querySelector('tbody').replaceChildren(...shown.map(request => refused_row(request, now)));
  const more = refused_requests.length - shown.length;
  set_text(document.querySelector('#more-refused'), more > 0 ? `and ${counted(more, 'name', 'names')} that came earlier; dialhookctl top --json has them all` : '');
}

function notification_row(notification, now) {
  const {name, number, of, description, is_configured, is_off, waiting, oldest_at, delivered, failed, expired, dropped, last_error} = notification;
  const title = element('td', {role: 'cell'}, element('b', {textContent: name}));
  const badge = (text, tone) => title.append(element('span', {className: 'badge ' + tone, textContent: text}));
  if (is_off) badge('switched off', 'bad');
  else if (!is_configured) badge('not in the configuration', 'warn');
  else if (last_error) badge('failing', 'bad');
  if (of > 1) title.append(element('small', {textContent: `URL ${number} of ${of}`}));
  if (description) title.append(element('small', {textContent: description}));
  if (last_error) title.append(element('small', {className: 'trouble', textContent: 'the last attempt: ' + visible(last_error)}));
  const done = element('td', {role: 'cell'}, numbers.format(delivered));
  if (failed) done.append(element('small', {textContent: counted(failed, 'attempt', 'attempts') + ' failed'}));
  const given_up = element('td', {role: 'cell'}, element('b', {className: expired + dropped ? 'bad' : '', textContent: numbers.format(expired + dropped)}));
  const cells = [title, element('td', {role: 'cell'}, numbers.format(waiting)),
    element('td', {role: 'cell'}, oldest_at === null ? '–' : duration(now - oldest_at)), done, given_up];
  ['Name', 'Waiting', 'Oldest', 'Delivered', 'Given up'].forEach((label, at) => { cells[at].dataset.label = label; });
  return element('tr', {role: 'row'}, ...cells);
}

// Of many, those in trouble: they leave room for the webhooks.
function draw_notifications({notifications, now}) {
  const section = document.querySelector('#notifications');
  section.hidden = notifications.length === 0;
  const well = ({is_off, is_configured, last_error}) => !is_off && is_configured && !last_error;
  const order = notifications.length <= max_notifications ? notifications : [...notifications.filter(one => !well(one)), ...notifications.filter(well)];
  const shown = order.slice(0, max_notifications);
  section.querySelector('tbody').replaceChildren(...shown.map(notification => notification_row(notification, now)));
  const more = notifications.length - shown.length;
  set_text(document.querySelector('#more-notifications'), more > 0 ? `and ${numbers.format(more)} more; dialhookctl notifications has them all` : '');
}

// The seconds go on without being read aloud each time.
function live(text, tone, seconds = '') {
  const pill = document.querySelector('#live');
  if (pill.firstChild?.nodeValue !== text) pill.replaceChildren(text, element('span', {ariaHidden: true}));
  set_text(pill.lastChild, seconds);
  pill.className = tone;
}

function look_for_silence() {
  const silence = performance.now() - heard_at;
  if (is_connected && silence > patience) live('no data', 'bad', ` for ${numbers.format(Math.floor(silence / 1000))} s`);
}

function mark_open(row) {
  const is_open = row.name === selected;
  row.line.classList.toggle('open', is_open);
  row.button.setAttribute('aria-expanded', is_open);
  set_text(row.triangle, is_open ? '▾' : '▸');
}

function select(name) {
  selected = name;
  decisions = [];
  rows.forEach(mark_open);
  detail_cell.replaceChildren(element('p', {className: 'nothing', textContent: 'Loading'}));
  place([...body.querySelectorAll('tr.webhook')].map(line => rows.get(line.dataset.name)));
  watch();
}

function watch() {
  events?.close();
  rows.forEach(row => { row.points = []; });
  sample = 0;
  heard_at = performance.now();
  events = new EventSource('events?' + new URLSearchParams({filter: find.value, webhook: selected, order: order.value}));
  events.addEventListener('message', message => {
    heard_at = performance.now();
    const state = JSON.parse(message.data);
    if (state.decisions && decisions.length === 0 && state.decisions.length === 0) draw_detail();
    draw(state);
  });
  events.addEventListener('open', () => {
    is_connected = true;
    heard_at = performance.now();
    decisions = [];
    rows.forEach(row => { row.points = []; });
    sample = 0;
  });
  events.addEventListener('error', () => {
    is_connected = false;
    live('not connected', 'bad');
  });
}

function order_by(by) {
  order.value = by;
  document.querySelectorAll('th button').forEach(button =>
    button.parentNode.setAttribute('aria-sort', button.dataset.order === by ? (by === 'name' || by === 'success' ? 'ascending' : 'descending') : 'none'));
  watch();
}

order.addEventListener('change', () => order_by(order.value));
document.querySelectorAll('th button').forEach(button =>
  button.addEventListener('click', () => order_by(order.value === button.dataset.order ? 'trouble' : button.dataset.order)));

let typing;
find.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(watch, 150);
});

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if ([list, order].includes(document.activeElement) && event.key.startsWith('Arrow')) return;   // they scroll and choose
  const buttons = [...body.querySelectorAll('tr.webhook button')];
  const at = buttons.indexOf(document.activeElement);
  if (event.key === '/' && document.activeElement !== find) find.focus();
  else if (event.key === 'ArrowDown') buttons[Math.min(at + 1, buttons.length - 1)]?.focus();
  else if (event.key === 'ArrowUp') (at > 0 ? buttons[at - 1] : find).focus();
  else if (event.key === 'Escape' && selected) {
    const button = rows.get(selected)?.button;
    select('');
    button?.focus();
  } else return;
  event.preventDefault();
});

live('connecting', '');
setInterval(look_for_silence, 500);
order_by('trouble');
