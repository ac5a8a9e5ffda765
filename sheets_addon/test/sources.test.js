'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { ROOT, SOURCES, load, world } = require('../fakes/google.js');

const sources = SOURCES.map((name) => [
  name,
  fs.readFileSync(path.join(ROOT, 'src', name), 'utf8'),
]);

test('nothing but functions and comments stands at global scope', () => {
  for (const [name, text] of sources) {
    const global = text.split('\n').filter((line) => /^\S/.test(line));
    const strange = global.filter(
      (line) => !/^(function [a-zA-Z]+_?\(|\}$|\/\/|\/\*\*)/.test(line),
    );
    assert.deepEqual(strange, [], name);
  }
});

test('the order in which Google loads the files does not matter', () => {
  const { services } = world();
  const functionsOf = (order) => {
    const scope = load(services, order);
    return Object.keys(scope)
      .filter((name) => typeof scope[name] === 'function')
      .sort();
  };

  assert.deepEqual(functionsOf([...SOURCES].reverse()), functionsOf(SOURCES));
});

test('no function is defined twice in the shared scope', () => {
  const names = sources.flatMap(([, text]) =>
    [...text.matchAll(/^function (\w+)/gm)].map((found) => found[1]),
  );

  assert.deepEqual(names.length, new Set(names).size);
});

test('only what Google calls is public', () => {
  const names = sources.flatMap(([, text]) =>
    [...text.matchAll(/^function (\w+[^_])\(/gm)].map((found) => found[1]),
  );

  assert.deepEqual(names.sort(), ['changed', 'connect', 'edited', 'onOpen', 'refreshNow']);
});

test('handlers are one to three lines long', () => {
  const code = Object.fromEntries(sources)['Code.js'];
  const bodies = [...code.matchAll(/^function \w+\([^)]*\) \{\n([\s\S]*?)^\}$/gm)].map(
    (found) => found[1],
  );

  assert.equal(bodies.length, 5);
  for (const body of bodies) assert.ok(body.trim().split('\n').length <= 3, body);
});

test('what people type is never logged', () => {
  for (const [name, text] of sources) assert.doesNotMatch(text, /\b(console|Logger)\b/, name);
});

test('both languages have the same texts and placeholders, none empty', () => {
  const { script } = world();
  const [russian, english] = [script.texts_('ru_RU'), script.texts_('')];
  const holes = (text) => [...text.matchAll(/\{\w+\}/g)].map((found) => found[0]).sort();

  assert.deepEqual(Object.keys(english), Object.keys(russian));
  for (const key of Object.keys(russian)) {
    assert.ok(russian[key] && english[key], key);
    assert.deepEqual(holes(english[key]), holes(russian[key]), key);
  }
});
