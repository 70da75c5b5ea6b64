/**
 * Where unfinished uploads are to be gone on with, kept over reloads: an entry for each file, by name, place, size and
 * time. The interface is that of the URL storage of tus-js-client.
 */
const PREFIX = "soundalike.upload:";
const LIFETIME_MS = 7 * 24 * 3600 * 1000;

export function fingerprintOf({ path, file }) {
  return [path, file.size, file.lastModified].join("|");
}

export const resumeStorage = {
  async findAllUploads() {
    return keys().map(read).filter(Boolean);
  },
  async findUploadsByFingerprint(fingerprint) {
    return [read(PREFIX + fingerprint)].filter(Boolean);
  },
  async addUpload(fingerprint, { uploadUrl, size, metadata }) {
    const isHashTold = "sha256" in metadata;
    write(PREFIX + fingerprint, { uploadUrl, size, isHashTold, expires: Date.now() + LIFETIME_MS });
    return PREFIX + fingerprint;
  },
  // An answer such as "signed out" makes the library forget, though the upload is still there. We forget ourselves.
  async removeUpload() {},
};

/** The server says until when it keeps the part: `when` as in Upload-Expires. */
export function keepUntil(fingerprint, when) {
  const entry = read(PREFIX + fingerprint);
  const expires = Date.parse(when);
  if (entry && expires) write(PREFIX + fingerprint, { ...entry, expires });
}

export function storedAddress(fingerprint) {
  return read(PREFIX + fingerprint)?.uploadUrl ?? null;
}

export function forget(fingerprint) {
  remove(PREFIX + fingerprint);
}

export function forgetExpired() {
  for (const key of keys()) if (!(read(key)?.expires > Date.now())) remove(key);
}

function keys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function read(key) {
  try {
    const entry = JSON.parse(localStorage.getItem(key));
    return entry?.uploadUrl ? { ...entry, urlStorageKey: key } : null;
  } catch {
    return null;
  }
}

function write(key, entry) {
  try {
    localStorage.setItem(key, JSON.stringify(entry));
  } catch {
    // Full or forbidden: then a reload starts anew, and nothing else changes.
  }
}

function remove(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // As above.
  }
}
