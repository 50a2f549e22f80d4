import "./clock.js";
import "./shell.js";
