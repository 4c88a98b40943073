# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Tries ports from this host, all at once. Changes nothing and sends nothing.
[CmdletBinding(SupportsShouldProcess)]
param (
    [Parameter(Mandatory)] [object[]] $Ports,
    [Parameter(Mandatory)] [double] $Seconds
)
$ErrorActionPreference = 'Stop'

function Get-Result {
    param ($Attempt)
    if (-not $Attempt.Task.IsCompleted) { return @{ result = 'timeout'; detail = '' } }
    if (-not $Attempt.Task.IsFaulted) { return @{ result = 'open'; detail = '' } }
    $reason = $Attempt.Task.Exception.GetBaseException()
    $known = @{
        ConnectionRefused = 'refused'; TimedOut = 'timeout'; HostNotFound = 'no_name'; NoData = 'no_name'; TryAgain = 'no_name'
    }
    $code = if ($reason -is [Net.Sockets.SocketException]) { [string] $reason.SocketErrorCode } else { '' }
    $result = if ($known.ContainsKey($code)) { $known[$code] } else { 'no_route' }
    @{ result = $result; detail = [string] $reason.Message }
}

$clock = [Diagnostics.Stopwatch]::StartNew()
$attempts = @(foreach ($port in $Ports) {
    $client = [Net.Sockets.TcpClient]::new()
    @{ Client = $client; Task = $client.ConnectAsync([string] $port['address'], [int] $port['port']) }
})
while ($clock.Elapsed.TotalSeconds -lt $Seconds -and ($attempts | Where-Object { -not $_.Task.IsCompleted })) {
    Start-Sleep -Milliseconds 50
}
$rows = @(foreach ($attempt in $attempts) {
    $row = Get-Result -Attempt $attempt
    $row.seconds = [Math]::Round($clock.Elapsed.TotalSeconds, 3)
    $attempt.Client.Dispose()
    $row
})
$Ansible.Changed = $false
$Ansible.Result = @{ ports = $rows }
