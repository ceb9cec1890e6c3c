package dynamo

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"handoff/shared/store"
)

// Size is how many bytes DynamoDB counts of a record as it stands in a table, and of its entry in the time index, 0 where
// it has none: names and values of all attributes, by the rules of
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html.
func Size(r store.Record) (item, index int) {
	r.Version-- // itemOf counts the write that it is made for
	for name, v := range itemOf(&r) {
		n := len(name) + sizeOf(v)
		item += n
		if r.Due != 0 && name != attrBody && name != attrVersion {
			index += n
		}
	}
	return item, index
}

func sizeOf(v types.AttributeValue) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberN: // two significant digits a byte, and one
		digits := strings.Trim(strings.TrimPrefix(v.Value, "-"), "0")
		n := (len(digits)+1)/2 + 1
		if strings.HasPrefix(v.Value, "-") {
			n++
		}
		return n
	}
	return 0 // itemOf makes no others
}
