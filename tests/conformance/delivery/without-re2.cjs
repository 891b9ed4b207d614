// gitlab-ci-local matches by RE2, a native module that is not built here: the language's own expressions stand for it.
const Module = require("node:module");
const load = Module._load;
Module._load = function (request, ...rest) {
  return /[/\\]re2\.js$|^re2$/.test(request) ? RegExp : load.call(this, request, ...rest);
};
