package deployed

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"handoff/infra/transit"
	"handoff/shared/fault"
	"handoff/shared/retry"
)

// metrics is what flow needs of CloudWatch's client.
type metrics interface {
	GetMetricData(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error)
}

// SQS gives the age of a queue's oldest message to CloudWatch alone, a value a minute, some of them late. What is older
// than recent says nothing of now. A message that was received more than three times counts as if it had come just then.
const (
	agePeriod = time.Minute
	recent    = 10 * time.Minute
	// askWithin bounds the question: a status without ages is worth more than one that comes late.
	askWithin = 10 * time.Second
)

// Ages says since when the oldest message of each queue stands there, as CloudWatch has it, or why that is not known.
func (f *flow) Ages(ctx context.Context, queues []transit.Queue) {
	var ask []*transit.Queue
	in := &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(f.now().Add(-recent).Truncate(agePeriod)), EndTime: aws.Time(f.now().Add(agePeriod)), ScanBy: types.ScanByTimestampDescending,
	}
	for i := range queues {
		l := f.line(queues[i].Queue)
		if l == nil || queues[i].Messages == 0 {
			continue
		}
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{Id: aws.String(fmt.Sprint("q", len(ask))), MetricStat: &types.MetricStat{
			Stat: aws.String("Maximum"), Period: aws.Int32(int32(agePeriod / time.Second)),
			Metric: &types.Metric{Namespace: aws.String("AWS/SQS"), MetricName: aws.String("ApproximateAgeOfOldestMessage"),
				Dimensions: []types.Dimension{{Name: aws.String("QueueName"), Value: aws.String(l.URL[strings.LastIndex(l.URL, "/")+1:])}}},
		}})
		ask = append(ask, &queues[i])
	}
	if len(ask) == 0 {
		return
	}
	found, err := f.values(ctx, in)
	for i, q := range ask {
		v, ok := found[fmt.Sprint("q", i)]
		switch {
		case err != nil:
			q.OldestUnknown = err.Error()
		case !ok:
			q.OldestUnknown = fmt.Sprintf("CloudWatch has no value of the last %d minutes", recent/time.Minute)
		default:
			q.Oldest = v.at.Add(-v.age).UTC().Truncate(time.Second)
		}
	}
}

// value is the latest that CloudWatch has of a metric.
type value struct {
	at  time.Time
	age time.Duration
}

// values asks for the latest value of each query; those that have none are left out.
func (f *flow) values(ctx context.Context, in *cloudwatch.GetMetricDataInput) (map[string]value, error) {
	out := map[string]value{}
	policy := &retry.Policy{Tries: 6, First: 100 * time.Millisecond, Most: 2 * time.Second, Within: askWithin}
	ctx, done := context.WithTimeout(ctx, askWithin)
	defer done()
	for {
		var page *cloudwatch.GetMetricDataOutput
		for again := policy.Begin(ctx); ; {
			var err error
			if page, err = f.metrics.GetMetricData(ctx, in, func(o *cloudwatch.Options) { o.Retryer = aws.NopRetryer{} }); err == nil {
				break
			}
			if fault.Classify(err) != fault.Final && again.Again() {
				continue
			}
			s := fault.Service{
				Name: "CloudWatch", Resource: "the ages of the queues", Endpoint: "AWS_ENDPOINT_URL_CLOUDWATCH",
				Missing: "correct --region", Denied: "give yours cloudwatch:GetMetricData",
			}
			if says := s.Advice(err); says != "" {
				return nil, errors.New(says)
			}
			return nil, fmt.Errorf("ask CloudWatch for the ages of the queues: %w", err)
		}
		for _, r := range page.MetricDataResults {
			if id := aws.ToString(r.Id); len(r.Timestamps) > 0 && len(r.Values) > 0 && out[id].at.Before(r.Timestamps[0]) {
				out[id] = value{r.Timestamps[0], time.Duration(r.Values[0] * float64(time.Second))}
			}
		}
		if in.NextToken = page.NextToken; aws.ToString(in.NextToken) == "" {
			return out, nil
		}
	}
}
