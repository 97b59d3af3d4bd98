/** The one live region: it says when an answer begins and ends, not every word between. */

const region = document.getElementById("announcer");
let pending = 0;

/** Let screen readers say `text`, also if it is the same as before. */
export function announce(text) {
  region.textContent = "";
  clearTimeout(pending);
  pending = setTimeout(() => {
    region.textContent = text;
  }, 80);
}
