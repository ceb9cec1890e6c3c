package local

// retries is a heap of hidden messages by the time they become visible, then by sequence.
type retries []*message

func (h retries) Len() int { return len(h) }
func (h retries) Less(i, j int) bool {
	return h[i].visible < h[j].visible || h[i].visible == h[j].visible && h[i].seq < h[j].seq
}
func (h retries) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *retries) Push(x any)   { *h = append(*h, x.(*message)) }
func (h *retries) Pop() any {
	old := *h
	m := old[len(old)-1]
	*h = old[:len(old)-1]
	return m
}
