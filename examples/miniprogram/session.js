// One login for all who ask at once; after a failure the next one tries again.
const { loginRequest, phoneRequest, ready, send } = require('wxedge');
const { worker } = require('./settings.js');

let login;

/** `{ token, openid, expires_in, … }` of this user. */
function session() {
  if (!login) {
    login = logIn().catch((error) => {
      login = undefined;
      throw error;
    });
  }
  return login;
}

/** The phone number that the code of the phone button stands for. */
async function phoneNumber(code) {
  const { token } = await session();
  return send(phoneRequest(worker, { token, code }));
}

async function logIn() {
  await ready();
  const { code } = await wx.login();
  return send(loginRequest(worker, { code }));
}

module.exports = { session, phoneNumber };
