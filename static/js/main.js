/** What every page needs. Pages with more to do load a module of their own beside this one. */
import { showMediaSession } from "./media-session.js";
import { watchPlayButtons } from "./play-buttons.js";
import { showPlayerBar } from "./player-bar.js";
import { rememberPlayback } from "./playback-memory.js";
import { watchDeletions } from "./deletion.js";

document.documentElement.classList.add("js");
watchPlayButtons();
showPlayerBar();
showMediaSession();
rememberPlayback();
watchDeletions(document.getElementById("confirm"));
