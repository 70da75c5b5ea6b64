/** Loaded once: pages come and go in one document, and each part of them is enlivened as it comes. */
import { watchDeletions } from "./deletion.js";
import { showMediaSession } from "./media-session.js";
import { watchNavigation } from "./navigation.js";
import { startPages } from "./pages.js";
import { watchPlayButtons } from "./play-buttons.js";
import { rememberPlayback } from "./playback-memory.js";
import { showPlayerBar } from "./player-bar.js";
import { rememberScroll } from "./scroll-memory.js";
import { watchSearch } from "./search-box.js";
import { enlivenTrackPages } from "./track-page.js";
import { showUploads } from "./upload-dock.js";
import { enlivenUploadPages } from "./upload-page.js";

document.documentElement.classList.add("js");
watchNavigation();
watchPlayButtons();
showPlayerBar();
showMediaSession();
rememberPlayback();
rememberScroll();
for (const form of document.querySelectorAll("form.search")) watchSearch(form);
watchDeletions(document.getElementById("confirm"));
enlivenTrackPages();
showUploads();
enlivenUploadPages();
startPages();
