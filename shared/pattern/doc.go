// Package pattern compiles and matches EventBridge event patterns.
package pattern
