# A value that is used twice: its gradients sum at the fork.
x = 3.0
y = 2.0
p = x * y
q = x + y
f = p * q
print(f)
