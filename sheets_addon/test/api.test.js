'use strict';
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { identityToken, world } = require('../fakes/google.js');

function wire(...answers) {
  const seen = { urls: [], requests: [], pauses: [] };
  const fetch = (url, request) => {
    seen.urls.push(url);
    seen.requests.push(request);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return { getResponseCode: () => answer };
  };
  return { seen, fetch, pause: (time) => seen.pauses.push(time) };
}
const { script } = world();
const deliver = (line) => script.deliver_(line, 'https://crm.example', 'token-1', { value: 'да' });

test('an accepted call is made once, with the identity token and JSON', () => {
  const line = wire(204);

  assert.equal(deliver(line), 204);

  assert.deepEqual(line.seen.urls, ['https://crm.example/sync/edits']);
  const request = line.seen.requests[0];
  assert.equal(request.method, 'post');
  assert.equal(request.headers.Authorization, 'Bearer token-1');
  assert.match(request.contentType, /^application\/json/);
  assert.deepEqual(JSON.parse(request.payload), { value: 'да' });
  assert.equal(request.muteHttpExceptions, true);
  assert.equal(request.followRedirects, false);
  assert.deepEqual(line.seen.pauses, []);
});

for (const fault of [429, 500, 502, 503, new Error('Address unavailable')]) {
  test(`a passing fault (${fault}) is tried once more after a pause`, () => {
    const line = wire(fault, 200);

    assert.equal(deliver(line), 200);

    assert.equal(line.seen.urls.length, 2);
    assert.deepEqual(line.seen.requests[0], line.seen.requests[1]);
    assert.deepEqual(line.seen.pauses, [1000]);
  });
}

test('a lasting fault is given up after the second try', () => {
  const busy = wire(503, 503, 200);
  const gone = wire(new Error('DNS'), new Error('DNS'), 200);

  assert.deepEqual([deliver(busy), busy.seen.urls.length], [503, 2]);
  assert.deepEqual([deliver(gone), gone.seen.urls.length], [0, 2]);
});

for (const refusal of [302, 400, 401, 403, 404, 413]) {
  test(`a refusal (${refusal}) is not repeated`, () => {
    const line = wire(refusal, 200);

    assert.deepEqual([deliver(line), line.seen.urls.length], [refusal, 1]);
  });
}

test('addresses are cleaned, and wrong ones say what is wrong', () => {
  const cases = {
    ' https://crm.example.ru/ ': ['https://crm.example.ru', ''],
    'https://sync-12.europe-west1.run.app/sync/edits': ['https://sync-12.europe-west1.run.app', ''],
    'https://crm.example.ru:8443/office': ['https://crm.example.ru:8443/office', ''],
    'http://crm.example.ru': ['', 'needHttps'],
    'crm.example.ru': ['', 'needHttps'],
    'javascript:alert(1)': ['', 'needHttps'],
    '': ['', 'needHttps'],
    'https://': ['', 'needHttps'],
    'https://localhost': ['', 'badAddress'],
    'https://me:secret@crm.example.ru': ['', 'badAddress'],
    'https://crm.example.ru/?key=1': ['', 'badAddress'],
    'https://crm.example.ru/#a': ['', 'badAddress'],
    'https://crm example.ru': ['', 'badAddress'],
    'https://картотека.рф': ['', 'badAddress'],
    'https://crm.example.ru/\nhttps://other.example': ['', 'badAddress'],
  };
  for (const [typed, [url, problem]] of Object.entries(cases)) {
    assert.deepEqual({ ...script.baseUrl_(typed) }, { url, problem }, typed);
  }
});

test('the audience is read from a token of any length', () => {
  const decode = (text) => {
    assert.equal(text.length % 4, 0);
    return Buffer.from(text, 'base64url').toString('utf8');
  };
  for (const aud of ['a', 'ab', 'abc', 'abcd', '42-x.apps.example']) {
    assert.equal(script.audienceOf_(identityToken({ aud }), decode), aud);
  }
  assert.equal(script.audienceOf_('garbage', decode), '');
  assert.equal(script.audienceOf_(identityToken({ email: 'x' }), decode), '');
});
