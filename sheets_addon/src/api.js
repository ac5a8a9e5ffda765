// The call to the server. Pure: the wire comes from the caller.

/**
 * @typedef {object} Wire
 * @property {(url: string, options: object) => {getResponseCode(): number}} fetch
 * @property {(milliseconds: number) => void} pause
 */

/**
 * Post one body to the server: once, and once more if the first try met a passing fault.
 * @param {Wire} wire
 * @param {string} base address of the server, without a slash at the end
 * @param {string} token identity token of the person whom the trigger belongs to
 * @param {object} body
 * @returns {number} HTTP status of the last try, 0 when nobody answered
 */
function deliver_(wire, base, token, body) {
  const url = base + '/sync/edits';
  const status = tryOnce_(wire, url, requestOf_(token, body));
  if (!isPassing_(status)) return status;
  wire.pause(1000);
  return tryOnce_(wire, url, requestOf_(token, body));
}

/**
 * @param {string} token
 * @param {object} body
 */
function requestOf_(token, body) {
  return {
    method: 'post',
    contentType: 'application/json; charset=utf-8',
    headers: { Authorization: 'Bearer ' + token },
    payload: JSON.stringify(body),
    followRedirects: false,
    muteHttpExceptions: true,
  };
}

/**
 * Google throws, mute or not, when an address cannot be reached at all: that is status 0.
 * @param {Wire} wire
 * @param {string} url
 * @param {object} request
 */
function tryOnce_(wire, url, request) {
  try {
    return wire.fetch(url, request).getResponseCode();
  } catch (unreachable) {
    return 0;
  }
}

/** @param {number} status */
function isPassing_(status) {
  return status === 0 || status === 429 || status >= 500;
}

/** @param {number} status */
function isDone_(status) {
  return status >= 200 && status < 300;
}

/** @param {number} status */
function isDenied_(status) {
  return status === 401 || status === 403;
}

/**
 * The server's address as a person typed it: cleaned, or the name of the text that says what is wrong.
 * @param {string} typed
 * @returns {{url: string, problem: '' | 'needHttps' | 'badAddress'}}
 */
function baseUrl_(typed) {
  const url = typed
    .trim()
    .replace(/\/+$/, '')
    .replace(/\/sync\/edits$/, '');
  if (!/^https:\/\//i.test(url)) return { url: '', problem: 'needHttps' };
  const known = /^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?(\/[\w.~-]+)*$/i.test(url);
  return known ? { url: url, problem: '' } : { url: '', problem: 'badAddress' };
}

/**
 * Whom an identity token is meant for (the OAuth client of this script), '' if it cannot be read.
 * @param {string} token
 * @param {(base64: string) => string} decode web-safe base64 with padding to text
 */
function audienceOf_(token, decode) {
  const claims = token.split('.')[1] || '';
  const padded = claims + '='.repeat((4 - (claims.length % 4)) % 4);
  return claims ? String(JSON.parse(decode(padded)).aud || '') : '';
}
