'use strict';
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { world } = require('../fakes/google.js');

const NOW = new Date('2026-11-23T06:00:00Z');
const plain = (value) => JSON.parse(JSON.stringify(value));
const table = (rows) => [
  ['id', 'name'],
  ...Array.from({ length: rows }, (_, i) => [`lead-${i + 2}`, '']),
];

test('an edit of one cell tells its place, its record and both values', () => {
  const [first, ...rows] = table(9);
  const { script, range, event } = world({ cells: [[...first, 'stage'], ...rows] });

  const body = script.editBody_(
    event({ range: range(5, 5, 3, 3), value: 'КП', oldValue: 'Новый' }),
    NOW,
  );

  assert.deepEqual(plain(body), {
    workbook: 'book-1',
    sheet_id: 77,
    user: 'anna@office.example',
    rows: [5, 5],
    columns: [3, 3],
    ids: ['lead-5'],
    headers: ['stage'],
    value: 'КП',
    old_value: 'Новый',
    at: '2026-11-23T06:00:00.000Z',
  });
});

test('a paste of 300 rows is one body with 300 records, read at once', () => {
  const { script, range, event, seen } = world({ cells: table(400) });

  const body = script.editBody_(event({ range: range(11, 310, 2, 6) }), NOW);

  assert.deepEqual(plain(body.rows), [11, 310]);
  assert.equal(body.ids.length, 300);
  assert.deepEqual([body.ids[0], body.ids[299]], ['lead-11', 'lead-310']);
  assert.deepEqual([body.value, body.old_value], [null, null]);
  assert.deepEqual(seen.reads, [
    [11, 1, 300, 1],
    [1, 2, 1, 5],
  ]);
});

test('a cleared column of the whole grid is cut to the used rows', () => {
  const { script, range, event } = world({ cells: table(4) });

  const body = script.editBody_(event({ range: range(1, 1000, 2, 2) }), NOW);

  assert.deepEqual(plain(body.rows), [1, 5]);
  assert.deepEqual(plain(body.ids), ['', 'lead-2', 'lead-3', 'lead-4', 'lead-5']);
});

test('an edit under the last used row still names one row without a record', () => {
  const { script, range, event } = world({ cells: table(2) });

  const body = script.editBody_(event({ range: range(40, 45, 2, 2) }), NOW);

  assert.deepEqual(plain([body.rows, body.ids]), [[40, 40], ['']]);
});

test('any block of rows gets exactly one id per row, and ids only under the headings', () => {
  const { script, range, event } = world({ cells: table(30), frozen: 2 });

  for (let first = 1; first <= 35; first += 1) {
    for (let last = first; last <= 35; last += 3) {
      const { rows, ids } = script.editBody_(event({ range: range(first, last, 1, 1) }), NOW);
      assert.equal(ids.length, rows[1] - rows[0] + 1);
      const expected = ids.map((_, i) =>
        rows[0] + i > 2 && rows[0] + i <= 31 ? `lead-${rows[0] + i}` : '',
      );
      assert.deepEqual(plain(ids), plain(expected));
    }
  }
});

test('a cleared cell has only the old value, in both spellings that Google has had', () => {
  const { script, range, event } = world({ cells: table(3) });
  const cell = range(2, 2, 2, 2);

  const now = script.editBody_(event({ range: cell, oldValue: 'x' }), NOW);
  const before = script.editBody_(
    event({ range: cell, value: { oldValue: 'x' }, oldValue: 'x' }),
    NOW,
  );

  assert.deepEqual([now.value, now.old_value], [null, 'x']);
  assert.deepEqual([before.value, before.old_value], [null, 'x']);
});

test('hostile text travels whole', () => {
  const { script, range, event } = world({ cells: table(3) });
  const text = '=IMPORTXML("x")<script>\u202e\u200b😀"\n' + 'я'.repeat(10000);

  const body = script.editBody_(event({ range: range(2, 2, 2, 2), value: text }), NOW);

  assert.equal(JSON.parse(JSON.stringify(body)).value, text);
});

test('a person of another domain has an empty address', () => {
  const nameless = world({ cells: table(3), email: '' });
  const { script, range, event } = world({ cells: table(3) });

  const empty = nameless.script.editBody_(
    nameless.event({ range: nameless.range(2, 2, 1, 1) }),
    NOW,
  );
  const missing = script.editBody_(event({ range: range(2, 2, 1, 1), user: undefined }), NOW);

  assert.deepEqual([empty.user, missing.user], ['', '']);
});

test('a removed row is told without a sheet, for Google does not say which', () => {
  const { script, event } = world();

  const body = script.changeBody_(event({ changeType: 'REMOVE_ROW' }), NOW);

  assert.deepEqual(plain(body), {
    workbook: 'book-1',
    sheet_id: null,
    change: 'REMOVE_ROW',
    user: 'anna@office.example',
    at: '2026-11-23T06:00:00.000Z',
  });
});
