// gitlab-ci-local matches by RE2, a native module that is not built here: the language's own expressions stand for it.
// What the package wraps around its native part asks for methods of those names.
const Module = require("node:module");
const load = Module._load;
class Plain extends RegExp {
  match(text) {
    return super[Symbol.match](text);
  }
  search(text) {
    return super[Symbol.search](text);
  }
  replace(text, by) {
    return super[Symbol.replace](text, by);
  }
  split(text, limit) {
    return super[Symbol.split](text, limit);
  }
}
Module._load = function (request, ...rest) {
  return request.endsWith("re2.node") ? Plain : load.call(this, request, ...rest);
};
