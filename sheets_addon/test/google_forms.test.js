'use strict';
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { test } = require('node:test');

const SOURCE = fs
  .readFileSync(path.join(__dirname, '../forms/google_forms.gs'), 'utf8')
  .replace("const SECRET = ''", "const SECRET = 'k:1'");
const ANSWERS = [
  [11, 'Телефон', '+79165550177'],
  [12, 'Когда', ['Утром', 'Вечером']],
];

/** Apps Script as far as the script needs it; bytes are signed there. */
function world(...statuses) {
  const seen = { posts: [], pauses: [], triggers: [] };
  const form = { getId: () => '1FAI', getTitle: () => 'Запись' };
  const context = {
    FormApp: { getActiveForm: () => form },
    ScriptApp: {
      getProjectTriggers: () => seen.triggers.map((name) => ({ getHandlerFunction: () => name })),
      newTrigger: (name) => ({
        forForm: () => ({ onFormSubmit: () => ({ create: () => seen.triggers.push(name) }) }),
      }),
    },
    Utilities: {
      Charset: { UTF_8: 'utf8' },
      computeHmacSha256Signature: (body, secret) =>
        Array.from(new Int8Array(crypto.createHmac('sha256', secret).update(body).digest())),
      sleep: (time) => seen.pauses.push(time),
    },
    UrlFetchApp: {
      fetch: (address, request) => {
        seen.posts.push({ address, ...request });
        const status = statuses.shift();
        if (status === undefined) throw new Error('Address unavailable');
        return { getResponseCode: () => status };
      },
    },
  };
  vm.createContext(context);
  vm.runInContext(SOURCE, context);
  const given = ANSWERS.map(([id, title, value]) => ({
    getItem: () => ({ getId: () => id, getTitle: () => title }),
    getResponse: () => value,
  }));
  const response = {
    getId: () => '2_ABa',
    getTimestamp: () => new Date('2026-11-20T09:15:00Z'),
    getRespondentEmail: () => '',
    getItemResponses: () => given,
  };
  return { seen, context, answer: () => context.onAnswer({ response }) };
}

test('an answer is sent once, signed over the very bytes', () => {
  const { seen, answer } = world(200);

  answer();

  const [post] = seen.posts;
  const digest = crypto.createHmac('sha256', 'k:1').update(post.payload).digest('hex');
  assert.equal(post.headers['X-Kartoteka-Signature'], `sha256=${digest}`);
  assert.deepEqual(JSON.parse(post.payload), {
    form_id: '1FAI',
    form_title: 'Запись',
    response_id: '2_ABa',
    submitted_at: '2026-11-20T09:15:00.000Z',
    respondent_email: '',
    answers: ANSWERS.map(([id, title, value]) => ({ item_id: id, title, value })),
  });
});

test('an office that does not answer is asked three times, the same bytes each time', () => {
  const { seen, answer } = world(503, 500, 200);

  answer();

  assert.equal(new Set(seen.posts.map((post) => post.payload)).size, 1);
  assert.deepEqual(seen.pauses, [2000, 4000]);
});

test('an answer that does not arrive is an error that Google tells the owner', () => {
  assert.throws(() => world().answer(), /did not answer/);
});

test('a refusal is told at once and not repeated', () => {
  const { seen, answer } = world(401, 200);

  assert.throws(answer, /Check ADDRESS and SECRET/);
  assert.equal(seen.posts.length, 1);
});

test('connecting twice sets one trigger', () => {
  const { seen, context } = world();

  context.connect();
  context.connect();

  assert.deepEqual(seen.triggers, ['onAnswer']);
});
