// The post step is the same program as main, entered with another story: a bundle of its own would double dist/.
const bundle = "../main/index.js";
process.argv[2] = "post";
await import(/* webpackIgnore: true */ bundle);
