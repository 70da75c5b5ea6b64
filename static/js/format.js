/** Numbers for people, written as the server writes them in the language of the page. */
import { gettext as _, interpolate } from "./words.js";

const language = document.documentElement.lang || "en";
const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(language, { style: "percent" });

/** 12000 -> 12,000 */
export function formatNumber(number) {
  return whole.format(number);
}

/** 0.5 -> 50 %; what is not whole yet is not 100. */
export function formatShare(share) {
  return percent.format(Math.floor(100 * share) / 100);
}

/** The same in every language that has our digits. */
export function formatDuration(seconds) {
  const rounded = Math.round(seconds || 0);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(rounded / 3600), Math.floor(rounded / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rounded % 60)}` : `${minutes}:${two(rounded % 60)}`;
}

export function formatBytes(bytes) {
  if (bytes < 1024) return interpolate(_("%(count)s bytes"), { count: formatNumber(bytes) });
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${tenths.format(bytes / 1024 ** power)}\u00a0${["", "KB", "MB", "GB"][power]}`;
}

/** A time that is guessed: the longer, the rougher. */
export function formatTimeLeft(seconds) {
  if (seconds < 5) return _("a few seconds left");
  if (seconds < 50) return interpolate(_("%(seconds)s s left"), { seconds: Math.ceil(seconds / 5) * 5 });
  if (seconds < 3600) return interpolate(_("%(minutes)s min left"), { minutes: Math.ceil(seconds / 60) });
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return interpolate(_("%(hours)s h %(minutes)s min left"), { hours, minutes });
}

export function formatSpeed(bytesPerSecond) {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`;
}
