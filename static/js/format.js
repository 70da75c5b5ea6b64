/** Numbers for people, written as the server writes them. */

export function formatDuration(seconds) {
  const whole = Math.round(seconds || 0);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export function formatBytes(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)}\u00a0${["", "KB", "MB", "GB"][power]}`;
}

/** A time that is guessed: the longer, the rougher. */
export function formatTimeLeft(seconds) {
  if (seconds < 5) return "a few seconds left";
  if (seconds < 50) return `${Math.ceil(seconds / 5) * 5} s left`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min left`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min left`;
}

export function formatSpeed(bytesPerSecond) {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`;
}

export function formatCount(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}
