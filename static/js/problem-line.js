/** One line at the bottom for what went wrong with no other place to say it. */
const line = () => document.getElementById("problem");

export function showProblem(sentence) {
  line().textContent = sentence;
  line().hidden = false;
}

export function hideProblem() {
  line().hidden = true;
}
