// Command empty is a function that does nothing: what a start costs at least.
package main

import "github.com/aws/aws-lambda-go/lambda"

func main() { lambda.Start(func() {}) }
