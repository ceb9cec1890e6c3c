// Package pattern compiles and matches EventBridge event patterns: compile once, match many. It is the one pattern
// language of the pipeline: bus rules, source contracts, scoring, stages and routing all use it. Where AWS's pages
// leave a question open, aws/event-ruler, the engine behind EventBridge, is the reference.
//
// # Patterns
//
// A pattern is a JSON object of at most 2,048 characters. Its keys name fields of the event; each value is either an
// object, for the fields below, or a list of alternatives. A pattern matches when every field that it names has one of
// its alternatives. Fields that it does not name are ignored. Neither {} nor [] may stand anywhere in it.
//
//	{"source":["stripe"], "detail":{"amount":[{"numeric":[">",0,"<=",5000]}], "plan":["pro","team"]}}
//
// Keys are joined with dots, in patterns and in events alike: {"a":{"b":[1]}}, {"a.b":[1]}, and the events {"a":{"b":1}}
// and {"a.b":1} all speak of the path a.b.
//
// # Alternatives
//
//	"text", "", 300, true, null    equal. Numbers by value, exactly: 300, 300.0 and 3.0e2 are one; "1" is not 1.
//	                               Strings character by character (event-ruler also takes two spellings of one IPv6
//	                               address for equal; this package does not)
//	{"prefix":"a"}                 a string that begins so; {"suffix":"a"} ends so. "" is in every string
//	{"prefix":{"equals-ignore-case":"a"}}, {"suffix":{…}}    the same, whatever the case
//	{"equals-ignore-case":"a"}     equal, whatever the case (Unicode simple folding)
//	{"wildcard":"a*z"}             * stands for any characters or none; \* and \\ for themselves; ** is invalid
//	{"numeric":[">",0,"<=",5]}     a number in range: one of = < <= > >=, or a lower bound (> >=) and then an upper
//	                               one (< <=). Bounds lie within ±5e9, and the lower one below the upper one
//	{"cidr":"10.0.0.0/24"}         a string that is an address of that block, IPv4 or IPv6. EventBridge refuses /32
//	                               and /128: write the address as a value
//	{"exists":true}                any leaf, null too
//	{"exists":false}               no leaf
//	{"anything-but":X}             a leaf, null too, other than X: a string, a number, a list of strings or one of
//	                               numbers, or one of prefix, suffix, equals-ignore-case and wildcard with a string
//	                               or a list of strings. It needs a leaf: a missing field is not "anything but"
//
// Only leaves count: strings, numbers, true, false and null. An object, an empty list or an empty object is no leaf, so
// {"a":[{"exists":true}]} fails on {"a":{"b":1}} and {"a":[{"exists":false}]} holds.
//
// # Lists in events
//
// A field whose value is a list (or lists within lists) has one of the alternatives if any element does. Fields inside a
// list of objects must be found in one and the same element, at every level of nesting: no two fields of a match lie in
// different elements of one list. A field with {"exists":false} holds if the path has no leaf but in elements other
// than those taken by the fields before it, in the order of paths; that order is event-ruler's.
//
// # $or
//
// {"$or":[{…},{…}]} holds if one of its objects does; it may stand in any object and nest. The alternatives must not
// multiply out to more than 1,000. Where $or has no list of two or more objects, or these use an operator's name as a
// field, every $or of the pattern is an ordinary field's name, as in event-ruler.
//
// # Repetition
//
// In a pattern, a path given twice means the last one, also where an alternative of $or repeats a path given before it;
// Overridden tells. In an event, the last of equal keys in one object stands.
//
// # Cost
//
// An event is parsed once into its leaves, without maps or interfaces, in buffers that are reused. Matching allocates
// nothing, apart from bookkeeping in proportion to the elements of lists of objects where fields meet in them. Set
// matches many patterns, trying only those whose rarest value the event has.
package pattern
