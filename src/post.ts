// The post step is the same program as main, entered with another story: a bundle of its own would double dist/.
process.argv[2] = "post";
// @ts-expect-error It is a file of dist/, beside the bundle of this one.
await import(/* webpackIgnore: true */ "../main/index.js");
