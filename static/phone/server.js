"use strict";

// What this phone asks of the server, by the RFCs that the names stand for. A request that
// was not answered is an Unreachable and may be sent again; a refusal is a Refused.

class Refused extends Error {
  constructor(status, code, reason) {
    super(code);
    this.status = status; // HTTP
    this.code = code; // for example "access_denied"
    this.reason = reason; // of a decline, when the server says so
  }
}

class Unreachable extends Error {
  constructor(status, retryAfter) {
    super("no answer");
    this.status = status; // 0: none at all
    this.retryAfter = retryAfter; // milliseconds
  }
}

const server = (() => {
  const settings = JSON.parse(document.body.dataset.settings);
  const deviceCode = "urn:ietf:params:oauth:grant-type:device_code";
  const patience = 30_000;
  let nonce; // the newest of the server's (RFC 9449 §8.2)

  const address = path => settings.issuer + path;

  // send asks once. No redirect is followed and no cookie is sent: each request proves itself.
  async function send(method, url, headers, body, signal = AbortSignal.timeout(patience)) {
    try {
      const answer = await fetch(url, { method, headers, body, signal, redirect: "error", cache: "no-store", credentials: "omit" });
      nonce = answer.headers.get("DPoP-Nonce") ?? nonce;
      return answer;
    } catch {
      throw new Unreachable(0, 0);
    }
  }

  // read is the answer's JSON. What is no answer of ours, such as a hotel's sign-in page, is none.
  async function read(answer) {
    if ([408, 429].includes(answer.status) || answer.status >= 500) {
      throw new Unreachable(answer.status, 1000 * (Number(answer.headers.get("Retry-After")) || 0));
    }
    if (answer.status === 204) return {};
    let body;
    try {
      const text = await answer.text();
      body = text === "" && answer.ok ? {} : JSON.parse(text);
    } catch {
      throw new Unreachable(0, 0);
    }
    if (answer.ok) return body;
    if (wrongClock(answer, body)) throw new Refused(answer.status, "wrong_clock");
    throw new Refused(answer.status, String(body?.error), body?.countersign_decline_reason);
  }

  // wrongClock says whether a refused proof is the fault of this device's clock.
  const wrongClock = (answer, body) => ["invalid_client", "invalid_dpop_proof"].includes(body?.error) &&
    Math.abs(Date.parse(answer.headers.get("Date")) - Date.now()) > 20_000;

  // post sends a form as the client, with a DPoP proof, both made afresh. When the server
  // wants its nonce in the proof it is asked once more: the same question, no other poll.
  async function post(client, path, form, again = true) {
    const body = new URLSearchParams(await signedForm(client, form));
    const answer = await send("POST", address(path), { DPoP: await keys.proof(client, "POST", address(path), nonce) }, body);
    try {
      return await read(answer);
    } catch (error) {
      if (again && error.code === "use_dpop_nonce") return post(client, path, form, false);
      throw error;
    }
  }

  const signedForm = async (client, form) => ({
    ...form, client_id: client.id,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: await keys.assertion(client, settings.issuer),
  });

  // putOff is the key of a registration that the server put off: it knows the phone by it
  // when it comes back, and lets it go first.
  let putOff;

  // register makes this phone a client instance with a key of its own (RFC 7591 §3.1).
  async function register(initialToken) {
    const made = putOff ?? await keys.make();
    putOff = undefined;
    const headers = { "Content-Type": "application/json" };
    if (initialToken) headers.Authorization = `Bearer ${initialToken}`;
    const answer = await read(await send("POST", address(settings.registration), headers, JSON.stringify({
      client_name: settings.clientName, software_id: settings.softwareID, software_version: settings.softwareVersion,
      grant_types: [deviceCode, "refresh_token"], response_types: [],
      token_endpoint_auth_method: "private_key_jwt", token_endpoint_auth_signing_alg: "ES256",
      dpop_bound_access_tokens: true, jwks: { keys: [made.jwk] },
    }))).catch(error => {
      if (error.status === 429) putOff = made;
      throw error;
    });
    return { id: answer.client_id, ...made, management: { uri: answer.registration_client_uri, token: answer.registration_access_token } };
  }

  // authorize asks for codes (RFC 8628 §3.1). The lifetime counts from the question, so
  // that the deadline shown is never later than the server's.
  async function authorize(client, account, name) {
    const askedAt = Date.now();
    const form = { login_hint: account };
    if (name) form.instance_name = name;
    const answer = await post(client, settings.deviceAuthorization, form);
    const interval = 1000 * (Number(answer.interval) || 5);
    return {
      deviceCode: answer.device_code, userCode: answer.user_code, askedAt, expiresAt: askedAt + 1000 * answer.expires_in,
      interval, notBefore: askedAt + interval, polledAt: askedAt, failures: 0,
    };
  }

  const tokens = (answer, before = {}) => {
    if (String(answer?.token_type).toLowerCase() !== "dpop" || !answer.access_token) throw new Refused(200, "unbound_token");
    return {
      access: answer.access_token, refresh: answer.refresh_token ?? before.refresh, scope: answer.scope ?? before.scope ?? "",
      expiresAt: Date.now() + 1000 * (Number(answer.expires_in) || 0),
    };
  };

  // poll asks once whether the request was decided (RFC 8628 §3.4).
  const poll = async (client, request) =>
    tokens(await post(client, settings.token, { grant_type: deviceCode, device_code: request.deviceCode }));

  const refresh = async (client, before) =>
    tokens(await post(client, settings.token, { grant_type: "refresh_token", refresh_token: before.refresh }), before);

  // call calls the sample API with the access token and a proof bound to it (RFC 9449 §7.1).
  async function call(client, held, again = true) {
    const url = address(settings.sample);
    const answer = await send("GET", url, { Authorization: `DPoP ${held.access}`, DPoP: await keys.proof(client, "GET", url, nonce, held.access) });
    const challenge = answer.status === 401 ? answer.headers.get("WWW-Authenticate") ?? "" : "";
    if (again && challenge.includes("use_dpop_nonce")) return call(client, held, false);
    return read(answer);
  }

  // leave ends the connection (RFC 7009) and the registration (RFC 7592 §2.3). A server
  // that knows neither any more has nothing to end.
  async function leave(client, held) {
    const gone = error => { if (!(error instanceof Refused) || error.code === "wrong_clock") throw error; };
    if (held) await post(client, settings.revocation, { token: held.refresh ?? held.access }).catch(gone);
    if (new URL(client.management.uri).origin !== location.origin) return;
    await read(await send("DELETE", client.management.uri, { Authorization: `Bearer ${client.management.token}` })).catch(gone);
  }

  // events opens the stream that says when it is worth polling; its answer is not read here.
  async function events(client, request, signal) {
    const body = new URLSearchParams(await signedForm(client, { device_code: request.deviceCode }));
    const answer = await send("POST", address(settings.events), {}, body, signal);
    if (answer.ok && answer.headers.get("Content-Type")?.startsWith("text/event-stream")) return answer.body.getReader();
    await read(answer);
    throw new Unreachable(0, 0);
  }

  return { settings, register, authorize, poll, refresh, call, leave, events };
})();
