// Forms with photos and questions. A page may name this file more than once: what is done already is left alone.
import "./photos.js";
import "./steps.js";
