/* <input data-clock-text="12"> rewrites a typed time in that clock's format when you leave the field: 930 becomes
   9:30 am. Other text stays, and the server explains the error (caledee/timekeeping/clock_text.py reads the same formats). */

const WORDS = { noon: 720, midday: 720, midnight: 0 };
const CLOCK = /^(\d{1,2})(?:\s*[:.,h\s]\s*(\d{2})(?::00)?|(\d{2}))?\s*(?:h|uhr|hrs?|o'?clock)?\s*([ap]\.?\s*m?\.?)?$/;
const DAY = 24 * 60;

function read(text) {
  const plain = text.trim().toLowerCase().replace("’", "'");
  if (plain in WORDS) return WORDS[plain];
  const [, hour, minute, minutes, half] = CLOCK.exec(plain) ?? [];
  if (!hour || (half && (hour < 1 || hour > 12))) return null;
  const hours = half ? (hour % 12) + (half.startsWith("p") ? 12 : 0) : Number(hour);
  const rest = Number(minute ?? minutes ?? 0);
  return rest < 60 && hours * 60 + rest <= DAY ? hours * 60 + rest : null;
}

function say(minutes, clock, ends) {
  if (ends && minutes % DAY === 0) return clock === "24" ? "24:00" : "midnight";
  const hour = Math.floor(minutes / 60);
  const minute = String(minutes % 60).padStart(2, "0");
  if (clock === "24") return `${String(hour).padStart(2, "0")}:${minute}`;
  return `${hour % 12 || 12}:${minute} ${hour < 12 ? "am" : "pm"}`;
}

document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.matches("[data-clock-text]")) return;
  const ends = "ends" in field.dataset;
  const minutes = read(field.value);
  if (minutes !== null && (ends || minutes < DAY)) field.value = say(minutes, field.dataset.clockText, ends);
});
