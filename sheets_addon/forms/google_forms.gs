/**
 * Sends each answer of this Google form to Kartoteka.
 *
 * Paste it into the form's script editor, fill in the two lines below, run `connect` once.
 * It needs nothing else: no library, no service to switch on.
 */
const ADDRESS = 'https://OFFICE/ingest/google_forms/TOKEN';
const SECRET = '';

const ATTEMPTS = 3;
const PAUSE_MS = 2000;

/** Sets the trigger; running it again changes nothing. */
function connect() {
  const form = FormApp.getActiveForm();
  const known = ScriptApp.getProjectTriggers().some(function (trigger) {
    return trigger.getHandlerFunction() === 'onAnswer';
  });
  if (!known) {
    ScriptApp.newTrigger('onAnswer').forForm(form).onFormSubmit().create();
  }
}

/** Sends the answer that was just given. */
function onAnswer(event) {
  const form = FormApp.getActiveForm();
  deliver(JSON.stringify(described(form, event.response)));
}

function described(form, response) {
  return {
    form_id: form.getId(),
    form_title: form.getTitle(),
    response_id: response.getId(),
    submitted_at: response.getTimestamp().toISOString(),
    respondent_email: response.getRespondentEmail() || '',
    answers: response.getItemResponses().map(function (given) {
      const item = given.getItem();
      return { item_id: item.getId(), title: item.getTitle(), value: given.getResponse() };
    }),
  };
}

/** Repeats while the office does not answer; what it refuses is not repeated. */
function deliver(body) {
  const signature = hexadecimal(
    Utilities.computeHmacSha256Signature(body, SECRET, Utilities.Charset.UTF_8),
  );
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const status = posted(body, 'sha256=' + signature);
    if (status < 500) {
      if (status >= 400) {
        throw new Error('Kartoteka refused the answer: ' + status + '. Check ADDRESS and SECRET.');
      }
      return;
    }
    Utilities.sleep(PAUSE_MS * attempt);
  }
  throw new Error('Kartoteka did not answer; the answer stays in the form only.');
}

/** Returns the status of the answer, 503 when there was none. */
function posted(body, signature) {
  try {
    return UrlFetchApp.fetch(ADDRESS, {
      method: 'post',
      contentType: 'application/json',
      payload: body,
      headers: { 'X-Kartoteka-Signature': signature },
      muteHttpExceptions: true,
    }).getResponseCode();
  } catch (error) {
    return 503;
  }
}

/** Apps Script gives signed bytes. */
function hexadecimal(bytes) {
  return bytes
    .map(function (byte) {
      return ('0' + (byte & 0xff).toString(16)).slice(-2);
    })
    .join('');
}
