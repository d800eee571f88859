import "./copy.js";
import "./creator.js";
import "./failure.js";
import "./focus.js";
import "./menu.js";
import "./month-grid.js";
import "./reveal.js";
import "./time-zone.js";
