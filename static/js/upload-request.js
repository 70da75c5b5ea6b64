/** One file on its way to the server. XMLHttpRequest, because fetch tells nothing about progress. */
import { csrfToken, detailOf } from "./server.js";

/** Resolves to the track as the server describes it. Rejects with an Error for people; `isLasting` tells that trying
 * again is of no use. */
export function sendFile(file, address, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    request.addEventListener("load", () => {
      if (request.status === 200 || request.status === 201) resolve(JSON.parse(request.responseText));
      else reject(refusal(request));
    });
    request.addEventListener("error", () => reject(new Error("The connection broke off. Nothing was stored.")));
    request.send(bodyOf(file));
  });
}

function bodyOf(file) {
  const body = new FormData();
  body.append("file", file, file.name);
  return body;
}

function refusal(request) {
  const error = new Error(detailOf(request.responseText, request.status));
  error.isLasting = request.status >= 400 && request.status < 500 && request.status !== 409;
  return error;
}
