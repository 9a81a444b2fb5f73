// The status page in a real Chromium. With DIALHOOK_FIGURES=FOLDER it also leaves a screenshot for the manual there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import {after, afterEach, before, beforeEach, test} from 'node:test';

import {chromium} from 'playwright-core';

import {Daemon} from './daemon.mjs';

const patience = 20_000;
let daemon, profile, context, page, complaints;

async function open(options = {}) {
  profile = fs.mkdtempSync(path.join(os.tmpdir(), 'dialhook-chromium-'));
  context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium', headless: true, viewport: {width: 1180, height: 760}, ...options,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync']});
  context.setDefaultTimeout(patience);
  page = await context.newPage();
  complaints = [];
  page.on('console', message => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('pageerror', error => complaints.push(String(error)));
  await page.goto(daemon.url);
  await page.locator('#live.good').waitFor();
}

async function close() {
  await context?.close();
  context = undefined;
  if (profile) fs.rmSync(profile, {recursive: true, force: true});
}

const row = name => page.locator('tr.webhook', {hasText: name});
const calls_of = async name => Number(await row(name).locator('td').nth(1).locator('b').textContent());

async function until(what, check) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    if (await check()) return;
    await page.waitForTimeout(100);
  }
  assert.fail(what);
}

before(async () => { daemon = await Daemon.start(); });
after(async () => { await daemon?.stop(); });
beforeEach(() => { complaints = []; });
afterEach(close);

test('webhooks are listed, and calls show without a reload', async () => {
  await open();
  assert.deepEqual(await page.locator('tr.webhook button').allTextContents(),
    ['Campaign', 'CRM connection', 'Night service', 'On-call roster'].sort());
  const before = await calls_of('Night service');
  for (let call = 0; call < 3; ++call) await daemon.call('Night service');
  await until('three calls more', async () => await calls_of('Night service') === before + 3);
  assert.match(await row('Night service').locator('td').nth(3).textContent(), /ms/);
  assert.deepEqual(complaints, []);
});

test('a click opens the last decisions with a waterfall, and the next one joins them', async () => {
  await open();
  await daemon.call('On-call roster', {callername: 'Jan'});
  await row('On-call roster').click();
  await page.locator('tr.detail li').first().waitFor();
  const shown = await page.locator('tr.detail li').count();
  assert.ok(await page.locator('tr.detail li .waterfall rect.wait').count() >= 1);
  assert.match(await page.locator('tr.detail li').first().textContent(), /\+31612345678 → \+31502102544.*success/);
  await daemon.call('On-call roster');
  await until('one decision more', async () => await page.locator('tr.detail li').count() === shown + 1);
  assert.deepEqual(complaints, []);
});

test('a circuit breaker that opens is seen', async () => {
  await open();
  for (let call = 0; call < 6; ++call) await daemon.call('Campaign');
  await row('Campaign').locator('.badge.bad').waitFor();
  await until('it comes first', async () => (await page.locator('tr.webhook button').first().textContent()) === 'Campaign');
});

test('all of it works from the keyboard', async () => {
  await open();
  await page.keyboard.press('/');
  await page.keyboard.type('crm');
  await until('one webhook is left', async () => await page.locator('tr.webhook').count() === 1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('tr.detail').waitFor();
  assert.equal(await row('CRM connection').locator('button').getAttribute('aria-expanded'), 'true');
  await page.keyboard.press('Escape');
  await page.locator('tr.detail').waitFor({state: 'detached'});
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'CRM connection');
});

test('the last decisions are scrolled from the keyboard, and a new one leaves the focus there', async () => {
  await open();
  for (let call = 0; call < 20; ++call) await daemon.call('Night service');
  await row('Night service').locator('button').press('Enter');
  await page.locator('tr.detail li').nth(19).waitFor();
  await page.keyboard.press('Tab');
  const list = page.locator('tr.detail ol');
  await page.keyboard.press('ArrowDown');
  await until('the list is scrolled', async () => await list.evaluate(element => element.scrollTop) > 0);
  await daemon.call('Night service', {callername: 'the new one'});
  await page.locator('tr.detail li', {hasText: 'the new one'}).waitFor();
  assert.ok(await list.evaluate(element => element === document.activeElement && element.scrollTop > 0), 'focus and place stay');
});

test('the name of a caller is text, whatever is in it', async () => {
  await open();
  const name = '<img src=x onerror="document.title=1">';
  await daemon.call('CRM connection', {callername: name, callerid: '"><script>document.title=2</script>'});
  await row('CRM connection').click();
  await page.locator('tr.detail li', {hasText: name}).waitFor();
  assert.equal(await page.title(), 'Dialhook');
  assert.equal(await page.locator('tr.detail img, tr.detail script').count(), 0);
});

test('nothing but the page itself runs in it', async () => {
  await open();
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "taken over"';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<p id="sneaky" style="color: red" onclick="document.title=3"></p>');
    document.querySelector('#sneaky').click();
  });
  assert.equal(await page.title(), 'Dialhook');
  assert.ok(complaints.length >= 2, 'the browser names what it refused');
  const policy = (await page.request.get(daemon.url)).headers()['content-security-policy'];
  assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*/);
});

test('another name for this host is refused, for the page and its events', async () => {
  const ask = (path, host) => new Promise((done, failed) => {
    http.get({host: '127.0.0.1', port: daemon.port, path, headers: {host}}, response => {
      response.resume();
      done(response.statusCode);
      response.destroy();
    }).on('error', failed);
  });
  for (const path of ['/', '/events']) {
    assert.equal(await ask(path, 'evil.example'), 421, path);
    assert.equal(await ask(path, `localhost:${daemon.port}`), 200, path);
  }
  assert.equal(await ask('/metrics', 'evil.example'), 200);
});

test('it fits a phone, and follows the system into the dark', async () => {
  await open({viewport: {width: 360, height: 740}, colorScheme: 'dark'});
  await daemon.call('CRM connection');
  await row('CRM connection').click();
  await page.locator('tr.detail li').first().waitFor();
  const sizes = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(sizes[0] <= sizes[1], `nothing is wider than the screen: ${sizes}`);
  assert.equal(await page.getByRole('row').filter({has: page.getByRole('cell')}).count(), 5, 'still a table to a screen reader');
  const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await back();
  await page.emulateMedia({colorScheme: 'light'});
  assert.notEqual(await back(), dark);
});

test('a picture for the manual', {skip: process.env.DIALHOOK_FIGURES ? false : 'only when DIALHOOK_FIGURES says where'}, async () => {
  await open({deviceScaleFactor: 1.5, viewport: {width: 1180, height: 800}});
  const names = ['Jan de Vries', 'Fatima El Amrani', 'VoysTelecom', 'Anna Müller', 'Café de Kroon'];
  const begin = Date.now();
  await page.keyboard.press('/');   // no row is hovered or focused
  for (let call = 0; Date.now() - begin < 55_000; ++call) {
    const busy = 3 + 2 * Math.sin((Date.now() - begin) / 4000);
    await daemon.call('CRM connection', {callerid: '+3161234' + (1000 + call % 9000), callername: names[call % names.length]});
    if (call % 3 === 0) await daemon.call('On-call roster', {callerid: '+3150210' + (2000 + call % 700)});
    if (call % 9 === 0) await daemon.call('Night service');
    await page.waitForTimeout(1000 / busy * (0.5 + Math.random()));
  }
  await daemon.call('CRM connection', {callerid: '', callername: ''});
  await row('CRM connection').click();
  await page.locator('tr.detail li').nth(4).waitFor();
  await page.waitForTimeout(1200);
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({colorScheme: scheme});
    await page.waitForTimeout(400);   // for the change of colours
    const name = scheme === 'light' ? 'status-page.png' : 'status-page-dark.png';
    await page.screenshot({path: path.join(process.env.DIALHOOK_FIGURES, name)});
  }
});
