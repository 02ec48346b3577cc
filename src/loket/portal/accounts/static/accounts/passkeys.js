// Passkeys: hands the browser what the server wants signed, and puts the answer into the form.
// Pages say what to do in data attributes; a button that can't work stays hidden.

function toBytes(text) {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(padded), (sign) => sign.charCodeAt(0));
}

function toText(buffer) {
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function listed(keys) {
  return (keys || []).map((key) => ({ ...key, id: toBytes(key.id) }));
}

async function created(options, alone) {
  const asked = options.publicKey;
  const selection = { ...(asked.authenticatorSelection || {}) };
  if (alone) Object.assign(selection, { residentKey: "required", requireResidentKey: true });
  selection.userVerification = "required";
  const key = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: toBytes(asked.challenge),
      user: { ...asked.user, id: toBytes(asked.user.id) },
      excludeCredentials: listed(asked.excludeCredentials),
      authenticatorSelection: selection,
    },
  });
  return {
    ...described(key),
    response: {
      clientDataJSON: toText(key.response.clientDataJSON),
      attestationObject: toText(key.response.attestationObject),
      transports: key.response.getTransports ? key.response.getTransports() : [],
    },
  };
}

async function signed(options) {
  const asked = options.publicKey;
  const key = await navigator.credentials.get({
    publicKey: { ...asked, challenge: toBytes(asked.challenge), allowCredentials: listed(asked.allowCredentials) },
  });
  const answer = key.response;
  return {
    ...described(key),
    response: {
      clientDataJSON: toText(answer.clientDataJSON),
      authenticatorData: toText(answer.authenticatorData),
      signature: toText(answer.signature),
      userHandle: answer.userHandle ? toText(answer.userHandle) : null,
    },
  };
}

function described(key) {
  return {
    type: key.type,
    id: key.id,
    rawId: toText(key.rawId),
    authenticatorAttachment: key.authenticatorAttachment,
    clientExtensionResults: key.getClientExtensionResults(),
  };
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const response = await fetch(form.dataset.optionsAt, { headers: { Accept: "application/json" } });
  return (await response.json()).request_options;
}

async function use(form) {
  const options = await optionsOf(form);
  const adding = form.dataset.passkey === "add";
  const credential = adding ? await created(options.creation_options || options, true) : await signed(options.request_options || options);
  form.elements.credential.value = JSON.stringify(credential);
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    use(form).catch(() => {
      form.querySelector("[data-passkey-failed]").hidden = false;
    });
  });
}
