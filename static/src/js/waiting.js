// Every page but those that keep forms themselves.
import { watch } from "./outbox.js";

watch();
