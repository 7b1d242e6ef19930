// Everything works without this file; it only makes it smoother.
import "htmx.org/dist/htmx.min.js";
import "./bulk.js";
import "./lists.js";
import "./sending.js";
import "./small.js";
import "./swaps.js";
