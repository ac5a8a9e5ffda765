'use strict';
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { manifestScopes, world } = require('../fakes/google.js');

const BASE = 'https://crm.example';
const cells = [
  ['id', 'name'],
  ['lead-2', 'Пётр'],
];
const handlersOf = (seen) => seen.triggers.map((trigger) => [trigger.handler, trigger.event]);

function connected(more = {}) {
  return world({ cells, held: { base_url: BASE, audience: 'a', triggers: 'one two' }, ...more });
}
const edit = (at) => at.script.edited(at.event({ range: at.range(2, 2, 2, 2), value: 'Пётр' }));

test('opening a book adds the menu in the language of the person', () => {
  const russian = world({ locale: 'ru' });
  const british = world({ locale: 'en_GB' });

  russian.script.onOpen();
  british.script.onOpen();

  assert.deepEqual(russian.seen.menus, [
    {
      title: 'Картотека',
      items: [
        ['Подключить', 'connect'],
        ['Обновить сейчас', 'refreshNow'],
      ],
    },
  ]);
  assert.deepEqual(british.seen.menus, [
    {
      title: 'Kartoteka',
      items: [
        ['Connect', 'connect'],
        ['Refresh now', 'refreshNow'],
      ],
    },
  ]);
});

test('every menu item and trigger names a function that exists', () => {
  const at = world({ typed: [BASE] });
  at.script.onOpen();
  at.script.connect();

  const named = [
    ...at.seen.menus[0].items.map(([, name]) => name),
    ...at.seen.triggers.map((t) => t.handler),
  ];

  assert.equal(named.length, 4);
  for (const name of named) assert.equal(typeof at.script[name], 'function', name);
});

test('the menu needs no permission at all, as a simple trigger has none', () => {
  const at = world({ scopes: [] });

  at.script.onOpen();

  assert.equal(at.seen.menus.length, 1);
});

test('connecting installs two triggers, remembers the address and calls the server', () => {
  const at = world({ typed: [`${BASE}/`] });

  at.script.connect();

  assert.deepEqual(handlersOf(at.seen), [
    ['edited', 'ON_EDIT'],
    ['changed', 'ON_CHANGE'],
  ]);
  assert.equal(at.seen.properties.base_url, BASE);
  assert.equal(at.seen.properties.audience, 'client-1.example');
  assert.equal(at.seen.properties.triggers, at.seen.triggers.map((t) => t.getUniqueId()).join(' '));
  assert.deepEqual(
    at.seen.calls.map((call) => [call.url, call.body.change]),
    [[`${BASE}/sync/edits`, 'CONNECT']],
  );
  assert.match(at.seen.alerts[0].message, /^Готово/);
  assert.deepEqual(at.seen.lock, ['taken', 'released']);
});

test('a wrong address is explained and asked for again', () => {
  const at = world({ locale: 'en', typed: ['http://crm.example', 'https://localhost', BASE] });

  at.script.connect();

  assert.match(at.seen.prompts[1].message, /^The address must start with https/);
  assert.match(at.seen.prompts[2].message, /^This does not look like the address/);
  assert.equal(at.seen.properties.base_url, BASE);
});

test('closing the window changes nothing', () => {
  const at = world({ typed: [null] });

  at.script.connect();

  assert.deepEqual(
    [at.seen.triggers, at.seen.properties, at.seen.calls, at.seen.alerts],
    [[], {}, [], []],
  );
});

test('connecting again replaces the triggers and offers the held address', () => {
  const at = world({ typed: [BASE, ''] });

  at.script.connect();
  at.script.connect();

  assert.equal(at.seen.triggers.length, 2);
  assert.ok(at.seen.prompts[1].message.includes(BASE));
  assert.equal(at.seen.properties.base_url, BASE);
});

test('two people connecting at once: the second is asked to wait', () => {
  const at = world({ typed: [BASE], lockFree: false });

  at.script.connect();

  assert.deepEqual([at.seen.triggers, at.seen.properties, at.seen.calls], [[], {}, []]);
  assert.match(at.seen.alerts[0].message, /другой сотрудник/);
});

test('a server that does not know the book yet: the number for the administrator is shown', () => {
  const at = world({ typed: [BASE], then: 403 });

  at.script.connect();

  assert.ok(at.seen.alerts[0].message.includes('client-1.example'));
  assert.ok(at.seen.alerts[0].message.includes('403'));
  assert.equal(at.seen.triggers.length, 2);
});

test('a server that is away: the book is connected all the same', () => {
  const at = world({ typed: [BASE], then: 502 });

  at.script.connect();

  assert.match(at.seen.alerts[0].message, /502/);
  assert.equal(at.seen.properties.base_url, BASE);
});

test('an edit is one call with the token of the trigger owner', () => {
  const at = connected();

  edit(at);

  assert.equal(at.seen.calls.length, 1);
  assert.equal(at.seen.calls[0].url, `${BASE}/sync/edits`);
  assert.deepEqual(at.seen.calls[0].body.ids, ['lead-2']);
  assert.match(at.seen.calls[0].options.headers.Authorization, /^Bearer .+\..+\.signature$/);
  assert.deepEqual(at.seen.toasts, []);
});

test('triggers of the person who connected before stay silent', () => {
  const at = connected();

  at.script.edited(at.event({ range: at.range(2, 2, 2, 2), value: 'x', triggerUid: 'older' }));
  at.script.changed(at.event({ changeType: 'REMOVE_ROW', triggerUid: 'older' }));
  const never = world({ cells });
  never.script.edited({
    ...never.event({ range: never.range(2, 2, 2, 2) }),
    triggerUid: undefined,
  });

  assert.deepEqual([at.seen.calls, never.seen.calls], [[], []]);
});

test('both triggers of one connection are heard', () => {
  const at = world({ typed: [BASE], cells });
  at.script.connect();
  const [onEdit, onChange] = at.seen.triggers.map((trigger) => trigger.getUniqueId());

  at.script.edited(at.event({ range: at.range(2, 2, 2, 2), value: 'x', triggerUid: onEdit }));
  at.script.changed(at.event({ changeType: 'INSERT_ROW', triggerUid: onChange }));

  assert.deepEqual(
    at.seen.calls.map((call) => call.body.change ?? call.body.value),
    ['CONNECT', 'x', 'INSERT_ROW'],
  );
});

test('structural changes are told; looks and plain edits are not', () => {
  const at = connected();
  const kinds = [
    'INSERT_ROW',
    'REMOVE_ROW',
    'INSERT_COLUMN',
    'REMOVE_COLUMN',
    'INSERT_GRID',
    'REMOVE_GRID',
    'OTHER',
  ];

  for (const changeType of [...kinds, 'EDIT', 'FORMAT'])
    at.script.changed(at.event({ changeType }));

  assert.deepEqual(
    at.seen.calls.map((call) => call.body.change),
    kinds,
  );
});

test('a failed edit leaves one toast in the language of the person and no error', () => {
  const cases = [
    [{ locale: 'ru', then: 503 }, /сохранена в таблице.*найдёт очередная сверка/s],
    [{ locale: 'en', then: 503 }, /kept in the sheet.*next pass will find it/s],
    [{ locale: 'ru', answers: [new Error('DNS'), new Error('DNS')] }, /найдёт очередная сверка/],
    [{ locale: 'ru', then: 401 }, /Подключить/],
    [{ locale: 'en', then: 403 }, /Connect/],
    [{ locale: 'en', then: 413 }, /kept in the sheet/],
  ];
  for (const [situation, words] of cases) {
    const at = connected(situation);

    edit(at);

    assert.equal(at.seen.toasts.length, 1);
    assert.match(at.seen.toasts[0].message, words);
  }
});

test('a repaired try leaves no toast', () => {
  const at = connected({ answers: [503, 200] });

  edit(at);

  assert.deepEqual([at.seen.calls.length, at.seen.pauses, at.seen.toasts], [2, [1000], []]);
});

test('refresh asks for a pass and says how it went', () => {
  const fine = connected();
  const away = connected({ then: 500, locale: 'en' });
  const fresh = world({ cells });

  for (const at of [fine, away, fresh]) at.script.refreshNow();

  assert.deepEqual(
    fine.seen.calls.map((call) => [call.body.change, call.body.sheet_id]),
    [['REFRESH', null]],
  );
  assert.match(fine.seen.toasts[0].message, /сверяет/);
  assert.match(away.seen.toasts[0].message, /500/);
  assert.match(fresh.seen.toasts[0].message, /ещё не подключена/);
  assert.deepEqual(fresh.seen.calls, []);
});

test('without a single one of its permissions the add-on cannot do its work', () => {
  const works = (scopes) => {
    const at = world({ scopes, typed: [BASE], cells });
    try {
      at.script.connect();
      edit(at);
    } catch {
      return false;
    }
    return at.seen.calls.length === 2 && at.seen.toasts.length === 0;
  };

  assert.equal(works(manifestScopes()), true);
  for (const scope of manifestScopes()) {
    assert.equal(works(manifestScopes().filter((held) => held !== scope)), false, scope);
  }
});
