/**
 * What somebody has chosen or dropped, as a list of {file, path, isFromFolder}. Whoever names a file means it; of a folder
 * only the music is meant, and a picture may be the cover of the music beside it.
 */
const AUDIO = new Set(
  ("mp3 mp2 flac ogg oga opus m4a m4b aac wav aif aiff aifc wma mka weba wv ape mpc tta caf ac3 eac3 dts spx amr au snd " +
    "dsf dff w64").split(" "),
);
const PICTURE = /\.(jpe?g|png|webp|gif)$/i;
const COVER = /^(cover|folder|front|album|albumart\w*)\./i;

export function filesOfChooser(chooser) {
  const chosen = [...chooser.files].map((file) => {
    const path = file.webkitRelativePath || file.name;
    return { file, path, isFromFolder: path.includes("/") };
  });
  chooser.value = "";
  return chosen;
}

/** The entries have to be taken before anything is awaited: the transfer is emptied then. */
export async function filesOfDrop(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const dropped = items.map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  const found = [];
  for (const { entry, file } of dropped) {
    if (entry?.isDirectory) await walk(entry, found);
    else if (file) found.push({ file, path: file.name, isFromFolder: false });
  }
  return found;
}

async function walk(directory, found) {
  const reader = directory.createReader();
  // Browsers hand out at most 100 entries at a time, and none at the end.
  for (let batch = await readBatch(reader); batch.length > 0; batch = await readBatch(reader)) {
    for (const entry of batch) {
      if (entry.isDirectory) await walk(entry, found);
      else found.push({ file: await fileOf(entry), path: entry.fullPath.slice(1), isFromFolder: true });
    }
  }
}

function readBatch(reader) {
  return new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
}

/** Null where the file cannot be opened. */
function fileOf(entry) {
  return new Promise((resolve) => entry.file(resolve, () => resolve(null)));
}

/** Returns `music`, each with the `cover` found beside it or null, and how many files were left out. */
export function sortOut(found) {
  const music = found.filter(({ file, path, isFromFolder }) => file && (!isFromFolder || isAudio(path)));
  const covers = chooseCovers(found.filter(({ file, path, isFromFolder }) => file && isFromFolder && PICTURE.test(path)));
  const leftOut = found.length - music.length - covers.size;
  return { music: music.map((entry) => ({ ...entry, cover: coverFor(entry.path, covers) })), leftOut };
}

function isAudio(path) {
  return !nameOf(path).startsWith(".") && AUDIO.has(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
}

function nameOf(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function folderOf(path) {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** By folder: the picture that is called like a cover, or the only one. */
function chooseCovers(pictures) {
  const byFolder = Map.groupBy(pictures, ({ path }) => folderOf(path));
  const covers = new Map();
  for (const [folder, beside] of byFolder) {
    const named = beside.find(({ path }) => COVER.test(nameOf(path)));
    const chosen = named ?? (beside.length === 1 ? beside[0] : null);
    if (chosen) covers.set(folder, chosen.file);
  }
  return covers;
}

/** From the folder of the track or the nearest one above it, such as that of an album with a folder for each disc. */
function coverFor(path, covers) {
  for (let folder = folderOf(path); folder; folder = folderOf(folder)) {
    if (covers.has(folder)) return covers.get(folder);
  }
  return null;
}
