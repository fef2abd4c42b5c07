// Tests that draw at random draw the same for every mutant, so that a survivor survives again.
import { configureGlobal } from "fast-check";

configureGlobal({ seed: 1 });
